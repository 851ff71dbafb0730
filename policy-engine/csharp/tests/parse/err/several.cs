@{
  var a = (1 + ;
  var b = f(2;
  if (a > ) { return "x" }
  string s = 'ab';
  return a b;
}
%%
@{
  var o = new JObject(
    new JProperty("a", 1)
    new JProperty("b", 2)
  );
  return o.ToString(;
}
%%
@{
  var s = "abc;
  var t = $"{s";
  return s +;
}
%%
@(context.Request.Headers.GetValueOrDefault("a",) == "b" && (c || d)
