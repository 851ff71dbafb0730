@(a + b * c - d)
%%
@(a ?? b ?? c)
%%
@((x)-y)
%%
@((Foo)!y)
%%
@((bool)x.GetValueOrDefault<JObject>("p")["a"])
%%
@(f(g<A, B>(7)) > 5)
%%
@(a?.b?["c"].d())
%%
@(a < b == c > d)
%%
@(x is int ? a : b)
%%
@(x is not null and (> 1 or A.B) ? [1] : s switch { { P.Q: 1 } q when q.R => 2, _ => throw e })
%%
@($"a{{{x,5:N2}}}\n{$@"{y:hh\:mm}"}")
%%
@(x >> 2 >>> 1)
%%
@(-2147483648)
%%
@(new int[2][,] )
%%
@(from a in b join c in d on a.x equals c.x into e orderby a, c descending select new { a.Y } into g where g select g)
