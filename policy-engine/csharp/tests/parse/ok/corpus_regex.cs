@(Regex.IsMatch("abc123", @"^[a-z]+\d+$"))
%%
@(Regex.Match("x", @"(y)?x").Groups[1].Success)
%%
@(Regex.Matches("a1b22c333", @"\d+").Count)
%%
@(Regex.Replace("a1b2", @"\d", m => (int.Parse(m.Value) * 2).ToString()))
%%
@(Regex.Replace("abc", "b", "[$0]"))
%%
@(Regex.Split("a1b2c3", @"\d"))
%%
@(Regex.IsMatch("a\nb", "a.b") + "|" + Regex.IsMatch("a\nb", "a.b", RegexOptions.Singleline))
%%
@(Regex.Replace("foobaz", "foo(?!bar)", "X"))
%%
@(Regex.Replace("/api/v1/users/12", @"^/api/v\d+", ""))
%%
@(Regex.Escape("a.b*c"))
%%
@(new Regex(@"(\d)(\d)").Match("x12").Groups[2].Index)
%%
@(Regex.Match("2024", @"^(?:19|20)\d{2}$").Value)
%%
@(Regex.Match("aaa", "a{2}").Length)
%%
@(Regex.Match("x=1,y=2", @"y=(?<v>\d)").Result("v is ${v}"))
%%
@(Regex.Replace("abc", "(?<first>a)(b)", "$1$2${first}"))
