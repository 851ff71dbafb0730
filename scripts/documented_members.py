#!/usr/bin/env python3
"""Writes the list of what API Management documents for expressions, member by member.

    documented_members.py --oracle FOLDER > policy-engine/src/eval/documented.txt

FOLDER holds the oracle (`oracle.py`, set up). The types, and for some of them the members, are those of the table ".NET Framework types allowed in
policy expressions" (articles/api-management/api-management-policy-expressions.md of MicrosoftDocs/azure-docs); "All" is what reflection shows of the
public members that a type declares itself, obsolete ones apart. `gatewright eval --members` tells which of them are missing.
"""
import argparse
import json
import os
import subprocess
import sys

TYPES = """
Newtonsoft.Json.Formatting
Newtonsoft.Json.JsonConvert
Newtonsoft.Json.Linq.Extensions
Newtonsoft.Json.Linq.JArray
Newtonsoft.Json.Linq.JConstructor
Newtonsoft.Json.Linq.JContainer
Newtonsoft.Json.Linq.JObject
Newtonsoft.Json.Linq.JProperty
Newtonsoft.Json.Linq.JRaw
Newtonsoft.Json.Linq.JToken
Newtonsoft.Json.Linq.JTokenType
Newtonsoft.Json.Linq.JValue
System.Array
System.BitConverter
System.Boolean
System.Byte
System.Char
System.Collections.Generic.Dictionary<,>
System.Collections.Generic.HashSet<>
System.Collections.Generic.ICollection<>
System.Collections.Generic.IDictionary<,>
System.Collections.Generic.IEnumerable<>
System.Collections.Generic.IEnumerator<>
System.Collections.Generic.IList<>
System.Collections.Generic.IReadOnlyCollection<>
System.Collections.Generic.IReadOnlyDictionary<,>
System.Collections.Generic.ISet<>
System.Collections.Generic.KeyValuePair<,>
System.Collections.Generic.List<>
System.Collections.Generic.Queue<>
System.Collections.Generic.Stack<>
System.Convert
System.DateTime
System.DateTimeKind
System.DateTimeOffset
System.Decimal
System.Double
System.Exception
System.Guid
System.Int16
System.Int32
System.Int64
System.IO.StringReader
System.IO.StringWriter
System.Linq.Enumerable
System.Math
System.MidpointRounding
System.Net.IPAddress
System.Net.WebUtility
System.Nullable
System.Nullable<>
System.Random
System.SByte
System.Security.Cryptography.AsymmetricAlgorithm
System.Security.Cryptography.CipherMode
System.Security.Cryptography.HashAlgorithm
System.Security.Cryptography.HashAlgorithmName
System.Security.Cryptography.HMAC
System.Security.Cryptography.HMACMD5
System.Security.Cryptography.HMACSHA1
System.Security.Cryptography.HMACSHA256
System.Security.Cryptography.HMACSHA384
System.Security.Cryptography.HMACSHA512
System.Security.Cryptography.KeyedHashAlgorithm
System.Security.Cryptography.MD5
System.Security.Cryptography.Oid
System.Security.Cryptography.PaddingMode
System.Security.Cryptography.RNGCryptoServiceProvider
System.Security.Cryptography.RSA
System.Security.Cryptography.RSAEncryptionPadding
System.Security.Cryptography.RSASignaturePadding
System.Security.Cryptography.SHA1
System.Security.Cryptography.SHA1Managed
System.Security.Cryptography.SHA256
System.Security.Cryptography.SHA256Managed
System.Security.Cryptography.SHA384
System.Security.Cryptography.SHA384Managed
System.Security.Cryptography.SHA512
System.Security.Cryptography.SHA512Managed
System.Security.Cryptography.SymmetricAlgorithm
System.Security.Cryptography.X509Certificates.PublicKey
System.Security.Cryptography.X509Certificates.RSACertificateExtensions
System.Security.Cryptography.X509Certificates.X500DistinguishedName
System.Security.Cryptography.X509Certificates.X509Certificate
System.Security.Cryptography.X509Certificates.X509Certificate2
System.Security.Cryptography.X509Certificates.X509ContentType
System.Security.Cryptography.X509Certificates.X509NameType
System.Single
System.String
System.StringComparer
System.StringComparison
System.StringSplitOptions
System.Text.Encoding
System.Text.RegularExpressions.Capture
System.Text.RegularExpressions.CaptureCollection
System.Text.RegularExpressions.Group
System.Text.RegularExpressions.GroupCollection
System.Text.RegularExpressions.Match
System.Text.RegularExpressions.Regex
System.Text.RegularExpressions.RegexOptions
System.Text.StringBuilder
System.TimeSpan
System.TimeZone
System.TimeZoneInfo.AdjustmentRule
System.TimeZoneInfo.TransitionTime
System.TimeZoneInfo
System.Tuple
System.UInt16
System.UInt32
System.UInt64
System.Uri
System.UriPartial
System.Xml.Linq.Extensions
System.Xml.Linq.XAttribute
System.Xml.Linq.XCData
System.Xml.Linq.XComment
System.Xml.Linq.XContainer
System.Xml.Linq.XDeclaration
System.Xml.Linq.XDocument
System.Xml.Linq.XDocumentType
System.Xml.Linq.XElement
System.Xml.Linq.XName
System.Xml.Linq.XNamespace
System.Xml.Linq.XNode
System.Xml.Linq.XNodeDocumentOrderComparer
System.Xml.Linq.XNodeEqualityComparer
System.Xml.Linq.XObject
System.Xml.Linq.XProcessingInstruction
System.Xml.Linq.XText
System.Xml.XmlNodeType
""".split()

# Types of which only some members are documented.
ONLY = {
    "Newtonsoft.Json.JsonConvert": "SerializeObject DeserializeObject",
    "System.DateTime": "new Add AddDays AddHours AddMilliseconds AddMinutes AddMonths AddSeconds AddTicks AddYears Date Day DayOfWeek DayOfYear DaysInMonth Hour IsDaylightSavingTime IsLeapYear MaxValue Millisecond Minute MinValue Month Now Parse Second Subtract Ticks TimeOfDay Today ToString UtcNow Year",
    "System.DateTimeKind": "Utc",
    "System.Security.Cryptography.X509Certificates.X500DistinguishedName": "Name",
    "System.Text.RegularExpressions.Capture": "Index Length Value",
    "System.Text.RegularExpressions.CaptureCollection": "Count this",
    "System.Text.RegularExpressions.Group": "Captures Success",
    "System.Text.RegularExpressions.GroupCollection": "Count this",
    "System.Text.RegularExpressions.Match": "Empty Groups Result",
    "System.Text.RegularExpressions.Regex": "new IsMatch Match Matches Replace Unescape Split",
}
EXCEPT = {"System.Xml.Linq.XDocument": ["Load"]}

REFLECT = r'''@{
 var words = new Dictionary<string,string>{{"Boolean","bool"},{"Byte","byte"},{"SByte","sbyte"},{"Char","char"},{"Int16","short"},{"UInt16","ushort"},{"Int32","int"},{"UInt32","uint"},{"Int64","long"},{"UInt64","ulong"},{"Single","float"},{"Double","double"},{"Decimal","decimal"},{"String","string"},{"Object","object"},{"Void","void"}};
 string N(Type t) {
  if (t.IsByRef) return N(t.GetElementType());
  if (t.IsPointer) return "*";
  if (t.IsArray) return N(t.GetElementType()) + "[" + new string(',', t.GetArrayRank() - 1) + "]";
  if (t.IsGenericParameter) return (t.DeclaringMethod != null ? "TM" : "T") + t.GenericParameterPosition;
  var n = t.Name; var tick = n.IndexOf('`'); if (tick >= 0) n = n.Substring(0, tick);
  if (t.Namespace == "System" && words.ContainsKey(n)) n = words[n];
  if (t.IsGenericType) { var a = t.GetGenericArguments(); if (n == "Nullable") return N(a[0]) + "?"; return n + "<" + string.Join(", ", a.Select(N)) + ">"; }
  return n;
 }
 string P(System.Reflection.ParameterInfo[] ps) { return "(" + string.Join(", ", ps.Select(p => (p.IsOut && p.ParameterType.IsByRef ? "out " : p.ParameterType.IsByRef ? "ref " : "") + N(p.ParameterType))) + ")"; }
 var all = System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.DeclaredOnly;
 var t0 = typeof(TYPE);
 var lines = new List<string>();
 foreach (var m in t0.GetMembers(all)) {
  if (m.GetCustomAttributes(typeof(ObsoleteAttribute), false).Length > 0) continue;
  if (m is System.Reflection.ConstructorInfo c) { if (!c.IsStatic) lines.Add("new" + P(c.GetParameters())); }
  else if (m is System.Reflection.MethodInfo f) {
   if (f.Name.StartsWith("op_")) { lines.Add(f.Name + P(f.GetParameters()) + (f.Name == "op_Implicit" || f.Name == "op_Explicit" ? " " + N(f.ReturnType) : "")); continue; }
   if (f.IsSpecialName) continue;
   lines.Add((f.IsStatic ? "static " : "") + f.Name + P(f.GetParameters()));
  }
  else if (m is System.Reflection.PropertyInfo p) { var ix = p.GetIndexParameters(); var st = (p.GetMethod ?? p.SetMethod).IsStatic ? "static " : ""; lines.Add(ix.Length > 0 ? "this" + P(ix).Replace("(", "[").Replace(")", "]") : st + p.Name); }
  else if (m is System.Reflection.FieldInfo g) { if (!g.IsSpecialName) lines.Add((g.IsStatic ? "static " : "") + g.Name); }
 }
 return string.Join("\n", lines.Distinct());
}'''


def declared(oracle, types):
    """The public members that each type declares, in one form: `static Name(types)`, `Name`, `new(types)`, `this[types]`."""
    lines = "".join(json.dumps({"id": t, "expr": REFLECT.replace("TYPE", t)}) + "\n" for t in types)
    done = subprocess.run([sys.executable, os.path.join(oracle, "oracle.py"), "run"], input=lines, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {a["id"]: a["value"].split("\n") if a["value"] else [] for a in answers}


def name(member):
    return member.removeprefix("static ").partition("(")[0].partition("[")[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--oracle", required=True)
    args = parser.parse_args()
    print("# Written by scripts/documented_members.py: what the documentation of API Management allows in expressions.")
    for ty, members in declared(args.oracle, TYPES).items():
        print(ty)
        for member in members:
            if name(member) in ONLY.get(ty, name(member)).split() and name(member) not in EXCEPT.get(ty, []):
                print("    " + member)


if __name__ == "__main__":
    main()
