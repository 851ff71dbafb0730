@{ var (a, (_, c)) = t; (int x, y) = (1, 2); }
%%
@{ f(out var a, out int b, out _, ref c, name: d); }
%%
@{ static T F<T>(T a, int b = 1) where T : class => a; }
%%
@{ if (a) b(); else if (c) d(); else e(); }
%%
@{ switch (o) { case int n when n > 1: case "x": return 1; default: break; } }
%%
@{ try { } catch (A e) when (e.B) { throw; } finally { } }
%%
@{ foreach (JObject o in x) using (var y = z) lock (w) ; }
%%
@{ const int a = 1, b = 2; int[] c = { 1, 2 }; using var d = e; }
