@{ var l = new List<int> { 3, 1, 2 }; l.Sort(); l.Reverse(); l.Add(9); l.Insert(0, 7); return l; }
%%
@{ var l = new List<int> { 1, 2, 3 }; l.RemoveAt(1); l.Remove(99); return l.Count + "|" + l.Contains(3) + "|" + l.IndexOf(3); }
%%
@{ var l = new List<int> { 1 }; return l[1]; }
%%
@{ var l = new List<int> { 1, 2 }; foreach (var x in l) { l.Add(x); } return l; }
%%
@{ var l = new List<string>(new[] { "a", "b", "c" }); l.RemoveAll(s => s == "b"); l.AddRange(new[] { "d", "e" }); return string.Join("", l); }
%%
@(new List<int> { 1, 2, 3 }.GetRange(1, 2))
%%
@(new List<int> { 5, 6 }.ConvertAll(x => x.ToString()))
%%
@(new List<int>().Count + new List<int>(10).Count)
%%
@{ var l = new List<int> { 1, 2, 3 }; l.ForEach(x => l[0] += x); return l[0]; }
%%
@{ var d = new Dictionary<string, int> { { "a", 1 } }; d["b"] = 2; d["a"] += 5; return d; }
%%
@{ var d = new Dictionary<string, int> { ["x"] = 1, ["y"] = 2 }; d.Remove("x"); d.Add("z", 3); return d.Keys; }
%%
@(new Dictionary<string, int>()["nope"])
%%
@{ var d = new Dictionary<string, int> { { "a", 1 } }; d.Add("a", 2); return d; }
%%
@{ var d = new Dictionary<string, string>(); string v; return d.TryGetValue("k", out v) + "|" + (v == null); }
%%
@{ var d = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { { "Key", 1 } }; return d["KEY"] + (d.ContainsKey("key") ? 10 : 0); }
%%
@{ var d = new Dictionary<string, int> { { "Key", 1 } }; return d.ContainsKey("key") || d.ContainsValue(2); }
%%
@{ var d = new Dictionary<string, int>(); return d[null]; }
%%
@{ var d = new Dictionary<string, int> { { "b", 2 }, { "a", 1 } }; return string.Join(",", d.Select(kv => kv.Key + "=" + kv.Value)); }
%%
@{ var d = new Dictionary<int, string> { { 1, "x" } }; foreach (var kv in d) { return kv.Key + kv.Value; } return "none"; }
%%
@{ var d = new Dictionary<string, int> { { "a", 1 } }; return d.First().ToString(); }
%%
@{ var h = new HashSet<string> { "a", "b" }; return h.Add("a") + "|" + h.Add("c") + "|" + h.Count; }
%%
@{ var h = new HashSet<int> { 1, 2, 3 }; h.IntersectWith(new[] { 2, 3, 4 }); h.UnionWith(new[] { 9 }); return h.OrderBy(x => x); }
%%
@(new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "GET" }.Contains("get"))
%%
@{ var q = new Queue<int>(); q.Enqueue(1); q.Enqueue(2); return q.Dequeue() * 10 + q.Peek() + q.Count; }
%%
@(new Queue<int>().Dequeue())
%%
@{ var s = new Stack<string>(); s.Push("a"); s.Push("b"); return s.Pop() + s.Peek() + s.Count; }
%%
@(new Stack<int>(new[] { 1, 2, 3 }))
%%
@(new Stack<int>().Pop())
%%
@{ int[] a = { 1, 2, 3 }; a[0] = a[2]; Array.Reverse(a); return a; }
%%
@{ var a = new int[3]; a[1] = 5; return a; }
%%
@{ var a = new[] { 3, 1, 2 }; Array.Sort(a); return a[0] + a.Length + Array.IndexOf(a, 3); }
%%
@{ var a = new string[2]; return a[0] == null; }
%%
@{ var a = new int[2]; return a[2]; }
%%
@{ var a = new int[2]; int i = -1; return a[i]; }
%%
@{ var m = new int[2, 3]; m[1, 2] = 7; return m.Length + m[1, 2] + m.GetLength(0); }
%%
@{ var j = new[] { new[] { 1 }, new[] { 2, 3 } }; return j[1][1] + j.Length; }
%%
@{ var a = new[] { 1, 2 }; var b = a; b[0] = 9; return a[0]; }
%%
@{ var a = new[] { 1, 2 }; var b = (int[])a.Clone(); b[0] = 9; return a[0]; }
%%
@(new int[-1 + 0 * DateTime.UtcNow.Year])
%%
@(new[] { 1, 2.5, 3 }.GetType().Name)
%%
@(new object[] { 1, "a", null }.Length)
%%
@{ object[] o = new string[] { "a" }; o[0] = 1; return o; }
%%
@((1, "a").Item2 + (1, "a").Item1)
%%
@{ var t = (name: "x", n: 2); return t.name + t.n; }
%%
@{ (int a, int b) = (1, 2); (a, b) = (b, a); return a * 10 + b; }
%%
@((1, 2).Equals((1, 2)) && (1, "a") == (1, "a"))
%%
@(Tuple.Create(1, "b").Item2 + Tuple.Create(1, 2).Equals(Tuple.Create(1, 2)))
%%
@{ var p = new { A = 1, B = "x" }; return p.A + p.B + p.ToString(); }
%%
@(new { A = 1 }.Equals(new { A = 1 }))
%%
@{ IList<int> l = new[] { 1, 2 }; l.Add(3); return l; }
%%
@(new KeyValuePair<string, int>("k", 2).Value)
%%
@(new List<int> { 1, 2 }.ToArray().GetType() == typeof(int[]))
%%
@(string.Join(",", new SortedDictionary<string, int> { { "b", 1 }, { "a", 2 } }.Keys))
%%
@(new List<(string k, int v)> { ("a", 1), ("b", 2) }.Sum(t => t.v))
