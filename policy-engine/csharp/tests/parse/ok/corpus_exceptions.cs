@(((string)null).Length)
%%
@(((object)null).ToString())
%%
@((string)(object)5)
%%
@((int)(object)"5")
%%
@((int)(object)5L)
%%
@((new int[1])[2])
%%
@("abc"[5])
%%
@(new List<int>()[0])
%%
@(new Dictionary<string, int>()["a"])
%%
@(int.Parse("abc"))
%%
@(int.Parse(null))
%%
@(int.Parse(""))
%%
@(int.Parse("99999999999"))
%%
@(int.Parse("1.5"))
%%
@(double.Parse("x"))
%%
@(decimal.Parse("1,2,x"))
%%
@(bool.Parse("maybe"))
%%
@(Guid.Parse(""))
%%
@(DateTime.Parse("31/31/2024"))
%%
@(TimeSpan.Parse("1:2:3:4:5"))
%%
@(Enum.Parse(typeof(DayOfWeek), "Funday"))
%%
@(1 / int.Parse("0"))
%%
@(1m / decimal.Parse("0"))
%%
@(decimal.MaxValue * decimal.Parse("2"))
%%
@(checked((byte)int.Parse("300")))
%%
@(Convert.ToByte(300))
%%
@("abc".Substring(5))
%%
@("abc".Substring(0, 9))
%%
@("abc".Remove(9))
%%
@("abc".PadLeft(-5))
%%
@("a".Split(null).Length)
%%
@(string.Format("{0} {1}", "x"))
%%
@(string.Join(",", (string[])null))
%%
@("abc".Replace("", "y"))
%%
@(new string[0].First())
%%
@(new[] { 1, 2 }.Single())
%%
@(new[] { 1 }.ElementAt(5))
%%
@(((int[])null).Length)
%%
@(((IEnumerable<int>)null).Any())
%%
@(new[] { 1 }.ToDictionary(x => "k")["z"])
%%
@(Convert.FromBase64String("***"))
%%
@(JObject.Parse("nope"))
%%
@(JObject.Parse("{}")["a"].ToString())
%%
@((int)JObject.Parse("{\"a\":[1]}")["a"])
%%
@(XElement.Parse("<a><b></a>"))
%%
@(XElement.Parse("<a/>").Attribute("x").Value)
%%
@(Regex.IsMatch("a", "(a"))
%%
@(new Uri("no"))
%%
@(Math.Round(1.5, 20))
%%
@(Math.Abs(int.Parse("-2147483648")))
%%
@(new DateTime(2024, 2, 30))
%%
@(new Queue<int>().Peek())
%%
@(((object)new JObject()).GetType().GetProperty("x").Name)
%%
@(((List<object>)(object)new List<string>()).Count)
%%
@(new[] { 3, 1 }.Cast<string>().ToList())
