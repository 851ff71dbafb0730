#!/usr/bin/env python3
"""Compares random well-typed expressions: what real C# answers and what the engine answers.

    oracle_diff.py --oracle FOLDER --gatewright target/debug/gatewright [--samples 10000] [--seed 1] [--show 20] [--write pairs]

`--write pairs` compares one operation on two values instead, of any two types: operators, casts, `?:`, `??`, arrays, calls.
FOLDER holds the oracle (`oracle.py`, set up). The generator knows the static type of all it writes, so that nearly every sample
compiles; what C# refuses (constant overflow, division by constant zero) the engine must refuse too. The same seed writes the
same expressions. Text stays in the basic plane; the vectors `text_halves` are about halves of surrogate pairs.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile

CHUNK = 2000
VARIABLES = {
    "int": ["i", "j", "k"], "long": ["l", "m"], "uint": ["u"], "byte": ["b"], "double": ["d", "e"], "decimal": ["x", "y"],
    "string": ["s", "t"], "bool": ["p", "q"], "char": ["c"], "int?": ["n", "o"],
}
HOLE = re.compile("<(" + "|".join(map(re.escape, VARIABLES)) + ")>|#")


class Writer:
    """Writes expressions; `<kind>` in a form is a hole for an expression, `#` for a digit."""

    def __init__(self, seed):
        self.r = random.Random(seed)

    def literal(self, kind):
        r = self.r
        if kind == "int":
            return r.choice([str(r.randrange(0, 10)), str(r.randrange(0, 100000)), "int.MaxValue", "int.MinValue", "0x" + format(r.randrange(1 << 31), "X")])
        if kind == "long":
            return r.choice([str(r.randrange(0, 50)) + "L", str(r.randrange(0, 1 << 62)) + "L", "long.MaxValue", "long.MinValue"])
        if kind == "uint":
            return r.choice([str(r.randrange(0, 9)) + "u", str(r.randrange(0, 1 << 32)) + "u"])
        if kind == "byte":
            return "(byte)" + str(r.randrange(0, 256))
        if kind == "double":
            return r.choice([repr(round(r.uniform(-1000, 1000), r.randrange(0, 6))), repr(r.uniform(0, 1)), "%de%d" % (r.randrange(1, 99), r.randrange(-20, 20)), "0.0",
                             "double.NaN", "double.PositiveInfinity"])
        if kind == "decimal":
            return "%d.%sm" % (r.randrange(0, 10000), str(r.randrange(0, 10 ** r.randrange(1, 8))).zfill(r.randrange(1, 4)))
        if kind == "string":
            return json.dumps("".join(r.choice("abcXYZ 019_-,.é€ß\t") for _ in range(r.randrange(0, 8))), ensure_ascii=False)
        if kind == "bool":
            return r.choice(["true", "false"])
        if kind == "char":
            return "'%s'" % r.choice("abcXYZ 09_é€")
        return r.choice(["(int?)null", "(int?)%d" % r.randrange(0, 100)])

    def leaf(self, kind):
        return self.r.choice(VARIABLES[kind]) if self.r.random() < 0.7 else self.literal(kind)

    def expression(self, kind, depth):
        if depth <= 0 or self.r.random() < 0.08:
            return self.leaf(kind)
        def fill(hole):
            return str(self.r.randrange(0, 6)) if hole.group() == "#" else "(" + self.expression(hole.group(1), depth - 1) + ")"

        return HOLE.sub(fill, self.r.choice(FORMS[kind]))

    def sample(self):
        kind = self.r.choice(list(VARIABLES))
        declarations = "".join("%s %s = %s; " % (t, n, self.literal(t)) for t, names in VARIABLES.items() for n in names)
        wrap = self.r.choice(["return %s;", "return %s;", "checked { return %s; }", "var z = %s; return z;", "object z = %s; return z;"])
        return "@{ " + declarations + wrap % self.expression(kind, self.r.randrange(1, 6)) + " }"


class PairWriter:
    """Writes one operation on an `a` and a `b` of any two types, and shows the type that C# gives the result."""

    def __init__(self, seed):
        self.r = random.Random(seed)

    def sample(self):
        r = self.r
        (ta, va), (tb, vb) = ((t, r.choice(EDGES[t])) for t in (r.choice(list(EDGES)), r.choice(list(EDGES))))
        operation = r.choice(OPERATIONS).replace("<op>", r.choice(OPERATORS)).replace("<b>", tb).replace("<f>", r.choice(FUNCTIONS))
        return '@{ %s a = %s; %s b = %s; %s return ((object)z)?.GetType().Name + ":" + z; }' % (ta, va, tb, vb, operation)


# Values at the edges of each type. Fractions stay in the range of all integers: casts past it are not defined.
EDGES = {
    "sbyte": ["(sbyte)-128", "(sbyte)5"], "byte": ["(byte)255", "(byte)0"], "short": ["short.MinValue", "(short)-3"], "ushort": ["ushort.MaxValue"],
    "int": ["int.MinValue", "int.MaxValue", "-7", "0"], "uint": ["uint.MaxValue", "3u"], "long": ["long.MinValue", "-5L", "4294967296L"],
    "ulong": ["ulong.MaxValue", "3ul"], "char": ["'a'", "'\\0'"], "float": ["1.5f", "0f", "16777216f"], "double": ["1.5", "0.0", "100.99"],
    "decimal": ["1.50m", "0m", "100.99m"], "bool": ["true"], "string": ['"s"', "(string)null"], "object": ["(object)5", "null"],
    "int?": ["(int?)null", "(int?)5"], "long?": ["(long?)-3"], "decimal?": ["(decimal?)2.5m", "(decimal?)null"], "bool?": ["(bool?)null"],
    "char?": ["(char?)'c'"], "DateTime": ["new DateTime(2020, 1, 1)"], "DateTime?": ["(DateTime?)null"], "TimeSpan": ["TimeSpan.FromHours(1)"],
    "DayOfWeek": ["DayOfWeek.Friday"], "JToken": ["(JToken)5"],
}
OPERATORS = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "==", "!=", "<", ">="]
FUNCTIONS = ["Math.Max", "Math.Min", "Math.Pow", "Math.Round", "string.Concat", "object.Equals", "string.Join", "Tuple.Create", "string.Format"]
OPERATIONS = ["var z = a <op> b;", "var z = a <op> b;", "var z = checked(a <op> b);", "var z = (<b>)a;", "var z = checked((<b>)a);", "<b> z = a;", "a <op>= b; var z = a;",
              "var z = DateTime.UtcNow.Year > 1 ? a : b;", "var z = a ?? b;", "var z = new[] { a, b }[0];", "var z = <f>(a, b);", "var z = a.Equals(b);", "var z = a.CompareTo(b);"]


def arithmetic(kind):
    return ["<%s> %s <%s>" % (kind, o, kind) for o in "+-*/%"]


COMPARED = ["int", "long", "uint", "double", "decimal", "char", "byte", "int?"]
FORMS = {
    "int": arithmetic("int") + ["<int> & <int>", "<int> | <int>", "<int> ^ <int>", "<int> << <int>", "<int> >> <int>", "~<int>", "-<int>", "<bool> ? <int> : <int>",
           "unchecked((int)<long>)", "unchecked((int)<uint>)", "(int)<char>", "<byte> + <byte>", "<char> - <char>", "<string>.Length", "<string>.IndexOf(<string>, StringComparison.Ordinal)",
           "<string>.IndexOf(<char>)", "string.CompareOrdinal(<string>, <string>) < 0 ? 1 : 2", "<int?> ?? <int>", "<int?>.GetValueOrDefault()", "Math.Max(<int>, <int>)", "Math.Min(<int>, <byte>)",
           "<int>.CompareTo(<int>)", "i++ + <int>", "--j - <int>", "k += <int>", "j = <int>", "<byte> << #", "<decimal>.CompareTo(<decimal>)", "Math.Sign(<double> == <double> ? 1 : -1)",
           "int.Parse((<byte>).ToString())", "(<int?> + <int>) ?? #", "<int?>.HasValue ? 1 : 0"],
    "long": arithmetic("long") + ["<int> + <long>", "<uint> * <int>", "<long> << <int>", "<long> >> <int>", "<long> & <int>", "-<long>", "(long)<int>", "<int> * (long)<int>", "<bool> ? <long> : <int>",
            "Math.Abs(<int> % 1000L)", "-<uint>", "l -= <int>", "m++"],
    "uint": ["<uint> %s <uint>" % o for o in "+-*/%&|^"] + ["<uint> >> <int>", "<uint> << #", "unchecked((uint)<int>)", "~<uint>", "<uint> + <byte>", "<uint> + <char>", "u++"],
    "byte": ["unchecked((byte)<int>)", "(byte)(<byte> & <byte>)", "b++", "b += <byte>", "<bool> ? <byte> : <byte>", "(byte)<byte>"],
    "double": arithmetic("double") + ["<int> * <double>", "<double> - <long>", "(double)<decimal>", "-<double>", "Math.Floor(<double>)", "Math.Ceiling(<double>)", "Math.Round(<double>)", "Math.Abs(<double>)",
              "Math.Sqrt(<double>)", "<bool> ? <double> : <int>", "Math.Max(<double>, <double>)", "<int> / 4.0", "d += <int>", "Math.Truncate(<double>)"],
    "decimal": arithmetic("decimal") + ["<int> * <decimal>", "<decimal> - <uint>", "-<decimal>", "Math.Round(<decimal>, #)", "Math.Floor(<decimal>)", "decimal.Truncate(<decimal>)", "<bool> ? <decimal> : <int>",
               "(decimal)<int>", "x *= <byte>", "Math.Max(<decimal>, <int>)"],
    "string": ["<string> + <string>", "<string> + <int>", "<char> + <string>", "<string> + <double>", "<string> + <decimal>", "<string> + <bool>", "<string> + <int?>", "<bool> ? <string> : <string>",
               "<string>.ToUpperInvariant()", "<string>.Trim()", "<string>.Replace(<char>, <char>)", "<string>.PadLeft(#)", "<string>.PadRight(#, <char>)", "<int>.ToString()", "<int>.ToString(\"D#\")",
               "<int>.ToString(\"X\")", "<int>.ToString(\"N0\")", "<long>.ToString(\"N0\")", "<decimal>.ToString(\"F#\")", "<decimal>.ToString(\"0.00\")", "<double>.ToString(\"E#\")", "<double>.ToString(\"G\")",
               "<double>.ToString(\"0.000\")", "$\"{<int>,5}|{<string>}\"", "$\"{<decimal>:N2}\"", "string.Join(<string>, <int>, <string>, <bool>)", "string.Concat(<string>, <char>, <int>)", "<string>.Insert(0, <string>)",
               "<string>.Substring(0, <string>.Length / 2)", "string.Format(\"{0}-{1:000}\", <string>, <int>)", "<string>.TrimEnd(<char>)", "s += <char>", "<string> ?? \"\"", "<string>.Substring(#)", "<string>.Remove(#)",
               "<bool>.ToString()", "<char>.ToString()", "Convert.ToString(<int>, 16)", "<string>.Split(<char>)[0]", "new string(<char>, #)", "<int?>.ToString()"],
    "bool": ["!<bool>", "<bool> && <bool>", "<bool> || <bool>", "<bool> ^ <bool>", "<bool> & <bool>", "<string> == <string>", "<string> != <string>", "<string>.StartsWith(<string>, StringComparison.Ordinal)",
             "<string>.Contains(<string>)", "string.IsNullOrEmpty(<string>)", "char.IsDigit(<char>)", "char.IsLetter(<char>)", "<int?> == <int>", "<int?> > <int?>", "<int> == <long>", "<int> < <double>",
             "<int>.Equals(<int>)", "double.IsNaN(<double>)", "<bool> ? <bool> : <bool>", "<bool> == <bool>", "<int?> != null", "(object)<int> is int", "<string>.EndsWith(<char>)", "<uint> > <int>"]
            + ["<%s> %s <%s>" % (t, o, t) for t in COMPARED for o in ("<", ">=", "==")],
    "char": ["unchecked((char)(<char> + #))", "char.ToUpperInvariant(<char>)", "<bool> ? <char> : <char>", "(<string> + \"z\")[0]", "c++"],
    "int?": ["<int?> + <int?>", "<int?> * <int>", "-<int?>", "<int?> ?? <int?>", "<bool> ? <int?> : (int?)null", "(int?)<int>", "<int?> & <int?>", "n += <int>", "<int?> / <int?>"],
}


def agree(want, got):
    return all(want.get(k) == got.get(k) for k in ("status", "type", "value", "exception_type"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--oracle", required=True, help="folder of oracle.py")
    parser.add_argument("--gatewright", required=True, help="the built command-line tool")
    parser.add_argument("--samples", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", choices=["expressions", "pairs"], default="expressions", help="what the samples are")
    parser.add_argument("--show", type=int, default=20, help="how many differences to print")
    options = parser.parse_args()
    sys.path.insert(0, options.oracle)
    oracle = __import__("oracle")
    writer = (PairWriter if options.write == "pairs" else Writer)(options.seed)
    same, different, kinds = 0, 0, {}
    for start in range(0, options.samples, CHUNK):
        items = [{"id": str(n), "expr": writer.sample()} for n in range(start, min(start + CHUNK, options.samples))]
        wanted = oracle.run_items(items)
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8", delete=False) as out:
            out.writelines(json.dumps(i, ensure_ascii=False) + "\n" for i in items)
        done = subprocess.run([options.gatewright, "eval", "--vectors", out.name], capture_output=True, text=True, check=False)
        os.unlink(out.name)
        answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if len(answers) != len(items):
            sys.exit("the engine answered %d of %d: %s" % (len(answers), len(items), done.stderr[-500:]))
        for item, want, got in zip(items, wanted, answers):
            kinds[want["status"]] = kinds.get(want["status"], 0) + 1
            if agree(want, got):
                same += 1
                continue
            different += 1
            if different <= options.show:
                print("%s\n  C#     %s\n  engine %s" % (item["expr"], json.dumps(want, ensure_ascii=False)[:300], json.dumps(got, ensure_ascii=False)[:300]))
        print("%d of %d compared, %d differ" % (start + len(items), options.samples, different), flush=True)
    print("%s; seed %d: %d agree, %d differ" % (", ".join("%s %d" % k for k in sorted(kinds.items())), options.seed, same, different))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
