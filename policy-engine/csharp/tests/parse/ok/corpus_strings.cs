@("a,b,,c".Split(',').Length)
%%
@("k=v=w".Split(new[] { '=' }, 2))
%%
@("".Split(',').Length)
%%
@("hello".Substring(5))
%%
@("hello".Substring(-1))
%%
@("hello".IndexOf(""))
%%
@("a.b.c".IndexOf('.', 2))
%%
@("  x ".Trim() + "|" + "  x ".TrimStart() + "|" + "  x ".TrimEnd())
%%
@("--a-b--".Trim('-', 'a'))
%%
@("aaa".Replace("aa", "b"))
%%
@("hello".Remove(2) + "|" + "hello".Remove(1, 2))
%%
@("hello".StartsWith("he") && "hello".EndsWith("lo"))
%%
@(string.Equals("x", null) + "|" + string.Equals(null, null))
%%
@(Math.Sign(string.Compare("a", "b", true)))
%%
@(string.IsNullOrEmpty("") && string.IsNullOrWhiteSpace(" \t\n") && !string.IsNullOrEmpty(" "))
%%
@("hello".ToCharArray().Reverse().ToArray())
%%
@("a-b_c".Select(c => char.IsLetter(c) ? char.ToUpper(c) : '.'))
%%
@("hello".Distinct().Count() + "|" + "hello".OrderBy(c => c).First())
%%
@("a\tb\nc".Split(new char[0], StringSplitOptions.RemoveEmptyEntries).Length)
%%
@("abc".GetType().FullName)
%%
@("ß".ToUpperInvariant() + "É".ToLowerInvariant())
%%
@("a|b|c".Split('|').Last())
