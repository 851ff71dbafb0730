@{ return 1 }
%%
@{ return (1; }
%%
@{ return f(1; }
%%
@{ context.Variables["a"] }
%%
@{ x == 1; }
%%
@{ int x = ; return x; }
%%
@{ int = 5; }
%%
@{ int class = 5; return 1; }
%%
@{ var x = 1
 var y = 2
 return x + y; }
%%
@{ if (x return 1; }
%%
@{ if x { return 1; } }
%%
@{ if (a) int b = 1; }
%%
@{ if (a) }
%%
@{ else { } }
%%
@{ if (a); { } else { } }
%%
@{ try { } return 1; }
%%
@{ try { } catch { } catch (A) { } }
%%
@{ catch { } }
%%
@{ try return 1; catch { return 2; } }
%%
@{ foreach (x in y) { } }
%%
@{ foreach (var x of y) { } }
%%
@{ foreach (var x y) { } }
%%
@{ for (int i = 0; i < 5) { } }
%%
@{ while { } }
%%
@{ do { } }
%%
@{ case 1: break; }
%%
@{ switch (x) { 1: break; } }
%%
@{ switch (x) { case 1; break; } }
%%
@{ int x[5]; }
%%
@{ const int c; }
%%
@{ var a = 1, b = 2; }
%%
@{ { return 1; }
%%
@{ return 1; } }
%%
@{ return 1); }
%%
@{ f(a; g(b); return h(c }
%%
@{ int F(int) { return 1; } return F(1); }
%%
@{ void F(); }
%%
@{ l: }
%%
@{ goto ; }
%%
@{ "a" }
%%
@{ a + b; }
%%
@{ var x = new List<string> { "a" "b" }; }
%%
@{ var x = new JObject { ["a"] = 1, 2 }; }
%%
@{ var x = new L { 1, A = 2 }; }
%%
@{ throw; f( }
%%
@{ var x = y ?? throw; }
