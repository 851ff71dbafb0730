@()
%%
@(1 +)
%%
@(1 2)
%%
@(a b)
%%
@(f(1 2))
%%
@(f(1,))
%%
@(f(1)
%%
@(a[1)
%%
@(a[])
%%
@(a.)
%%
@(a ? b)
%%
@(new Foo)
%%
@(new int[])
%%
@(new { 1 + 1 })
%%
@(new { a = 1 b = 2 })
%%
@(a = )
%%
@((int))
%%
@(int)
%%
@(x is )
%%
@(x as 5)
%%
@(x => )
%%
@(from x in y)
%%
@(from x in y group x)
%%
@(return 1;)
%%
@(a;)
%%
@(a => )
%%
@(a ?? x => y)
%%
@(x switch { 1 => 2 3 => 4 })
%%
@(typeof())
%%
@(@(a))
%%
@(new { "a" b { )
