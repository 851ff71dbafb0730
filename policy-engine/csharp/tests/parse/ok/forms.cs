@("\ud83d\ude00" + "\u00e9\x41" + '\u0041' + @"a""b
c" + """raw "quoted" text""")
%%
@("""
    two
      lines
    """)
%%
@($"""
    {x} and
     {y:N}
    """)
%%
@($$"""{"a": {{b}}}""")
%%
@(1_000 + 0xFF_FFul + 0b1010 + .5 + 1e3f + 1.50m + 2d + 3F)
%%
@(\u0061bc.@class.größe)
%%
@(delegate { return 1; })
%%
@(delegate (int a, ref int b) { return a; })
%%
@(static (x, _) => x)
%%
@((Func<int, int>)(x => x))
%%
@(int (x) => x)
%%
@(a ? (b) : (c))
%%
@(xs[^1] + xs[1..] + xs[..^2] + xs[..])
%%
@(a!.b![0]!)
%%
@(default(int?) ?? default)
%%
@(nameof(a.b) + nameof(List<int>) + typeof(Dictionary<,>) + sizeof(int))
%%
@(checked(a + unchecked(b)))
%%
@(new() { A = 1 })
%%
@(new Foo[] { })
%%
@(new (int, string)[2])
%%
@(new[,] { { 1, 2 }, { 3, 4 } })
%%
@(new int?[] { null })
%%
@(new Dictionary<string, int> { { "a", 1 }, { "b", 2 } })
%%
@(new Dictionary<string, int> { ["a"] = 1, })
%%
@(new JObject { P = { Q = 1, R = { 1, 2 } } })
%%
@(x with { A = 1 })
%%
@(x as int? ?? 5)
%%
@(o is string { Length: > 3 } s && s[0] == 'a')
%%
@(p is (1, var y))
%%
@(xs is [1, .., var last])
%%
@(o is List<int> l ? l.Count : 0)
%%
@(a < b)
%%
@(f(a < b, c > d))
%%
@(i < x >> 2)
%%
@(F<int>.X)
%%
@(new List<List<int>>())
%%
@(a.b<c>)
%%
@((a, b) == (c, d))
%%
@((x: 1, y: "b").x)
%%
@(from x in y where (b) select x)
%%
@(from int x in y let z = x group z by z % 2)
%%
@($"{(a ? b : c)}" + $"{d["k"]}" + $"{x:{{0}}}")
%%
@($"{new { A = 1 }.A}")
%%
@(global::System.Math.Max(1, 2))
%%
@(a /* c */ + // d
 b)
%%
@{ ; ; { } }
%%
@{ l: goto l; }
%%
@{ goto case 1; }
%%
@{ for (;;) { } }
%%
@{ for (int i = 0, j = 1; i < j; i++, j--) ; }
%%
@{ for (i = 0; ; ) break; }
%%
@{ foreach (var (k, v) in d) { } }
%%
@{ foreach ((int k, var v) in d) { } }
%%
@{ switch (a, b) { case (1, _): break; } }
%%
@{ switch (x) { case > 1 and < 5: break; case null: case default(int): break; } }
%%
@{ do x++; while (x < 5); }
%%
@{ #region a
var x = 1;
 #endregion
 return x; }
%%
@{ Foo<Bar> x = y; Foo<Bar> F(int a) { return null; } }
%%
@{ int F(params int[] xs) => xs.Length; }
%%
@{ (int, string) t = (1, "a"); (a, b) = (b, a); }
%%
@{ checked { x++; } unchecked { y--; } }
%%
@{ IEnumerable<int> G() { yield return 1; yield break; } }
%%
@{ ref int y = ref x; y = ref z; }
%%
@{ var from = 1; from++; return from; }
%%
@{ var select = 1; var async = 2; async = select; await = 3; }
%%
@{ a.b ??= c; x >>= 1; x >>>= 2; x <<= 3; }
%%
@{ a?.b(); a?[0].c(); new Foo(); (a as B)?.C(); }
%%
@{ string? s = null; int?[] a = null; List<int?> b = null; }
%%
@{ return a ? b : c; }
%%
@{ if (x is Foo f) return f; if (!(x is Bar)) { } }
%%
@{ var f = (int a) => { return a; }; Func<int> g = () => throw new Exception(); }
%%
@{ x = y ? z : w; }
