@(await Task.FromResult(1))
%%
@{ async Task F() { await g(); } }
%%
@(async x => x)
%%
@(this.x + base.y)
%%
@(stackalloc int[3])
%%
@{ int* p = &x; }
%%
@{ unsafe { } }
%%
@{ fixed (int* p = x) { } }
%%
@{ class A { int x; } return 1; }
%%
@{ public int X; return 1; }
%%
@{ using System.Text; return 1; }
%%
@{ #if DEBUG
 return 1; }
%%
@{ #error no
 return 1; }
%%
@{ x # y
 return 1; }
%%
@{ [Obsolete] int F() => 1; }
%%
@(a->b)
%%
@{ f(throw e); }
%%
@(x is ..)
%%
@{ record R(int a); return 1; }
%%
@{ namespace A { } }
