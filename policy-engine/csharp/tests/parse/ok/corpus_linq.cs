@(new[] { 1, 2, 3, 4 }.Where(x => x % 2 == 0).Select(x => x * x))
%%
@(Enumerable.Range(1, 5).Sum())
%%
@(new int[0].Sum())
%%
@(new int[0].Average())
%%
@(new int[0].Max())
%%
@(new int?[] { 1, null, 3 }.Sum())
%%
@(new int?[] { null }.Max())
%%
@(new[] { 1, 2 }.Average())
%%
@(new[] { 1.5m, 2.5m }.Average())
%%
@(new[] { "b", "a", "c" }.OrderBy(x => x))
%%
@(new[] { 3, 1, 2 }.OrderByDescending(x => x).ToList())
%%
@(new[] { "bb", "a", "cc", "d" }.OrderBy(x => x.Length).ThenByDescending(x => x))
%%
@(new[] { "apple", "avocado", "bean" }.GroupBy(w => w[0]).Select(g => new { g.Key, N = g.Count() }))
%%
@(new[] { "a", "bb", "cc" }.ToDictionary(x => x, x => x.Length))
%%
@(new[] { "a", "a" }.ToDictionary(x => x))
%%
@(new[] { "a", "bb", "cc" }.ToLookup(x => x.Length)[2].Count())
%%
@(new[] { 1, 2, 3 }.Aggregate((a, b) => a * 10 + b))
%%
@(new[] { 1, 2, 3 }.Aggregate("s", (a, b) => a + b, r => r + "!"))
%%
@(new[] { 1, 2, 3 }.Zip(new[] { "a", "b" }, (n, s) => s + n))
%%
@(new[] { 1, 2, 2, 3, 1 }.Distinct())
%%
@(new int[0].First())
%%
@(new int[0].FirstOrDefault() + new[] { 5 }.LastOrDefault())
%%
@(new string[0].FirstOrDefault() == null)
%%
@(new[] { 1, 2 }.Single(x => x > 1))
%%
@(new[] { 1, 2 }.SingleOrDefault(x => x > 5))
%%
@(new[] { 1, 2 }.First(x => x > 5))
%%
@(new int[0].Any() || new int[0].All(x => false))
%%
@(new[] { 1, 2, 3, 4, 5 }.Skip(1).Take(3).Reverse())
%%
@(new[] { 1, 2, 3, 1 }.SkipWhile(x => x < 3).Concat(new[] { 9 }))
%%
@(new[] { 1, 2, 3, 1 }.TakeWhile(x => x < 3))
%%
@(new object[] { 1, "a", 2L, "b" }.OfType<string>())
%%
@(new object[] { 1, "a" }.Cast<int>().ToList())
%%
@(new[] { 1, 2 }.Union(new[] { 2, 3 }).Concat(new[] { 3 }))
%%
@(new[] { 1, 2, 2, 3 }.Except(new[] { 3 }))
%%
@(new[] { 1, 2, 2, 3 }.Intersect(new[] { 2, 3, 4 }))
%%
@(new[] { new[] { 1, 2 }, new[] { 3 } }.SelectMany(x => x))
%%
@(new[] { "ab", "c" }.SelectMany(s => s, (s, c) => s.Length + ":" + c))
%%
@(from x in new[] { 3, 1, 2 } where x > 1 orderby x select x * 10)
%%
@(from a in new[] { 1, 2 } from b in new[] { "x", "y" } select a + b)
%%
@(from w in new[] { "one", "two", "three" } group w by w.Length into g orderby g.Key select g.Key + "=" + string.Join("/", g))
%%
@(from w in new[] { "one", "three" } let n = w.Length where n > 3 select new { w, n })
%%
@(from a in new[] { 1, 2 } join b in new[] { "1a", "2b", "2c" } on a.ToString() equals b.Substring(0, 1) select b)
%%
@(new[] { 1, 2, 3 }.Contains(2))
%%
@(new[] { 1, 2, 3 }.ElementAt(3))
%%
@(new[] { 1, 2, 3 }.ElementAtOrDefault(3))
%%
@(new[] { 1, 2, 3 }.Count(x => x > 1))
%%
@(new[] { 1, 2, 3 }.Select((x, i) => x * i).Last())
%%
@(Enumerable.Repeat("x", 3).Concat(Enumerable.Empty<string>()))
%%
@(new int[0].DefaultIfEmpty(7).Single())
%%
@(new[] { 1, 2 }.SequenceEqual(new List<int> { 1, 2 }))
%%
@(new[] { "a", "B" }.Contains("b", StringComparer.OrdinalIgnoreCase))
%%
@(new[] { new { N = "x", V = 2 }, new { N = "y", V = 1 } }.OrderBy(o => o.V).First().N)
%%
@(new[] { 1, 2, 3 }.Max(x => -x) + new[] { "aa", "b" }.Min(s => s.Length))
%%
@{ var src = new List<int> { 1, 2 }; var q = src.Select(x => x * 2); src.Add(3); return q.ToList(); }
%%
@{ int calls = 0; var q = new[] { 1, 2, 3 }.Where(x => { calls++; return x > 1; }); var f = q.First(); return calls; }
%%
@{ int calls = 0; var q = new[] { 1, 2 }.Select(x => calls++); var n = q.Count() + q.Sum(); return calls; }
%%
@(new[] { 1, 2, 3 }.Where((x, i) => i != 1).ToArray())
%%
@(new[] { 5, 3 }.Prepend(1).Append(9).ToList())
%%
@(((IEnumerable<int>)null).Count())
