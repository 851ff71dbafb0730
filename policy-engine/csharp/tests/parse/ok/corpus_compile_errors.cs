@(default)
%%
@("a" is int)
