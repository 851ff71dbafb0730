@(JObject.Parse("{\"a\":{\"b\":[1,2,3]}}")["a"]["b"][1])
%%
@((int)JObject.Parse("{\"n\":5}")["n"] + 1)
%%
@((string)JObject.Parse("{\"n\":5}")["n"])
%%
@((string)JObject.Parse("{\"n\":null}")["n"] == null)
%%
@((string)JObject.Parse("{}")["n"] == null)
%%
@((int)JObject.Parse("{}")["n"])
%%
@((int?)JObject.Parse("{}")["n"] == null)
%%
@((int)JObject.Parse("{\"n\":\"12\"}")["n"])
%%
@((int)JObject.Parse("{\"n\":\"x\"}")["n"])
%%
@((int)JObject.Parse("{\"n\":2.6}")["n"])
%%
@((bool)JObject.Parse("{\"b\":true}")["b"])
%%
@((bool)JObject.Parse("{\"b\":\"false\"}")["b"])
%%
@(JObject.Parse("{\"b\":true}")["b"].ToString())
%%
@(JObject.Parse("{\"d\":1.0}")["d"].ToString())
%%
@(JObject.Parse("{\"d\":1.0}").ToString(Formatting.None))
%%
@(JObject.Parse("{\"d\":1e3}").ToString(Formatting.None))
%%
@(JObject.Parse("{\"d\":12345678901234567890}")["d"].Type)
%%
@(JObject.Parse("{\"t\":\"2024-05-06T07:08:09Z\"}")["t"].Type)
%%
@((string)JObject.Parse("{\"t\":\"2024-05-06T07:08:09Z\"}")["t"])
%%
@(JObject.Parse("{\"t\":\"2024-05-06T07:08:09Z\"}")["t"].ToString())
%%
@(((DateTime)JObject.Parse("{\"t\":\"2024-05-06T07:08:09Z\"}")["t"]).Kind)
%%
@(JObject.Parse("{\"t\":\"2024-05-06\"}")["t"].Type)
%%
@(JObject.Parse("{\"a\":1,\"b\":[true,null]}").ToString())
%%
@(JObject.Parse("{\"a\":[],\"b\":{}}").ToString())
%%
@(JObject.Parse("{'single': 'q', /* c */ unquoted: 1}").ToString(Formatting.None))
%%
@(JObject.Parse("{\"a\":1,}").ToString(Formatting.None))
%%
@(JObject.Parse("{\"a\":1,\"a\":2}")["a"])
%%
@(JObject.Parse("{\"a\":}"))
%%
@(JObject.Parse("[1]"))
%%
@(JArray.Parse("{}"))
%%
@(JToken.Parse("\"s\"").Type)
%%
@(JObject.Parse(""))
%%
@(JArray.Parse("[1,2,3]").Count + JArray.Parse("[1,2,3]").Sum(t => (int)t))
%%
@(JArray.Parse("[3,1,2]").OrderBy(t => (int)t).Select(t => t.ToString()))
%%
@(JArray.Parse("[{\"n\":\"a\",\"v\":1},{\"n\":\"b\",\"v\":2}]").Where(t => (int)t["v"] > 1).Select(t => (string)t["n"]).First())
%%
@(JArray.Parse("[1]")[3])
%%
@(JObject.Parse("{\"a\":[{\"id\":1},{\"id\":2}]}").SelectToken("a[1].id"))
%%
@(JObject.Parse("{\"a\":[{\"id\":1},{\"id\":2}]}").SelectToken("$.a[?(@.id > 1)].id"))
%%
@(JObject.Parse("{\"a\":[{\"id\":1,\"t\":\"x\"},{\"id\":2,\"t\":\"y\"}]}").SelectTokens("$.a[?(@.t == 'x')].id").Count())
%%
@(JObject.Parse("{\"a\":[{\"id\":1},{\"id\":2}]}").SelectTokens("$..id").Select(t => (int)t))
%%
@(JObject.Parse("{\"a\":[1,2,3,4]}").SelectTokens("$.a[1:3]").Select(t => (int)t))
%%
@(JObject.Parse("{\"a\":[1,2,3]}").SelectTokens("a[*]").Last())
%%
@(JObject.Parse("{}").SelectToken("x.y") == null)
%%
@(JObject.Parse("{}").SelectToken("x", true))
%%
@(JObject.Parse("{\"a b\":1}").SelectToken("['a b']"))
%%
@{ var o = new JObject(); o["x"] = 1; o["y"] = "s"; o["z"] = null; o.Add("w", new JArray(1, "2")); return o; }
%%
@{ var o = JObject.Parse("{\"a\":1,\"b\":2}"); o.Remove("a"); return o.ToString(Formatting.None) + o.Count; }
%%
@{ var o = JObject.Parse("{\"a\":1}"); o.Add("a", 2); return o; }
%%
@{ var o = JObject.Parse("{\"a\":{\"x\":1},\"l\":[1]}"); o.Merge(JObject.Parse("{\"a\":{\"y\":2},\"l\":[2]}")); return o; }
%%
@{ var o = JObject.Parse("{\"a\":1}"); o["a"] = (int)o["a"] + 5; o["n"] = new JObject(new JProperty("k", true)); return o; }
%%
@(new JObject(new JProperty("a", 1), new JProperty("b", new JArray("x", 2.5, null))))
%%
@(JObject.FromObject(new { id = 7, tags = new[] { "a" }, inner = new { ok = true } }))
%%
@(JArray.FromObject(new[] { 1, 2 }))
%%
@(JToken.FromObject("x").Type)
%%
@(JToken.DeepEquals(JObject.Parse("{\"a\":1,\"b\":2}"), JObject.Parse("{\"b\":2,\"a\":1}")))
%%
@(JObject.Parse("{\"a\":1,\"b\":2}").Properties().Select(p => p.Name + (int)p.Value))
%%
@(JObject.Parse("{\"a\":1}").ContainsKey("a") && JObject.Parse("{\"a\":1}").Property("b") == null)
%%
@(JObject.Parse("{\"A\":1}").GetValue("a", StringComparison.OrdinalIgnoreCase))
%%
@{ JToken t; return JObject.Parse("{\"a\":1}").TryGetValue("b", out t) + "|" + (t == null); }
%%
@(JObject.Parse("{\"a\":null}")["a"] == null)
%%
@(JObject.Parse("{\"a\":null}")["a"].Type == JTokenType.Null)
%%
@(JObject.Parse("{\"a\":1}").Value<int>("a") + JObject.Parse("{\"a\":1}").Value<string>("a"))
%%
@(JObject.Parse("{\"a\":1}")["a"].Value<string>())
%%
@(JObject.Parse("{\"a\":[1,2]}")["a"].Values<int>().Sum() + JObject.Parse("{\"a\":[1,2]}")["a"].Children().Count())
%%
@(JObject.Parse("{\"a\":[1,2]}")["a"].ToObject<List<int>>())
%%
@(JObject.Parse("{\"a\":1,\"b\":\"x\"}").ToObject<Dictionary<string, object>>())
%%
@(JsonConvert.SerializeObject(new { a = 1, b = "q\"", c = (string)null, d = 1.0, e = 2.50m, f = new[] { 1 } }))
%%
@(JsonConvert.SerializeObject(new Dictionary<string, object> { { "k", true }, { "d", new DateTime(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc) } }))
%%
@(JsonConvert.SerializeObject("a\"b\\c\n\u0001é"))
%%
@(JsonConvert.SerializeObject(new[] { 1, 2 }, Formatting.Indented))
%%
@(JsonConvert.DeserializeObject<Dictionary<string, int>>("{\"a\":1}")["a"])
%%
@(JsonConvert.DeserializeObject("{\"a\":1}").GetType().Name)
%%
@(JsonConvert.DeserializeObject<List<string>>("[\"x\"]").First())
%%
@(((JValue)JObject.Parse("{\"a\":5}")["a"]).Value.GetType().Name)
%%
@(JObject.Parse("{\"a\":5}")["a"] == (JToken)5)
%%
@((int)JObject.Parse("{\"a\":5}")["a"] == 5)
%%
@(JObject.Parse("{\"a\":\"x\"}")["a"].Equals("x"))
%%
@(JObject.Parse("{\"a\":\"x\"}")["a"].ToString() == "x")
%%
@(new JValue("x").ToString() + new JValue(1.50m) + new JValue(true))
%%
@(JObject.Parse("{\"a\":{\"b\":1}}")["a"]["b"].Path)
%%
@(JObject.Parse("{\"a\":{\"b\":1}}")["x"]["b"])
%%
@(JObject.Parse("{\"a\":5}")["a"]["b"])
%%
@{ var a = JArray.Parse("[1,2]"); a.Add(3); a.Insert(0, 0); a.RemoveAt(1); a[0] = "z"; return a; }
%%
@{ foreach (var p in JObject.Parse("{\"a\":1}")) { return p.Key + p.Value; } return ""; }
%%
@{ var o = JObject.Parse("{\"a\":{\"b\":1}}"); var c = (JObject)o.DeepClone(); c["a"]["b"] = 2; return (int)o["a"]["b"]; }
%%
@{ dynamic o = JObject.Parse("{\"a\":{\"b\":3}}"); int v = o.a.b; return v + 1; }
%%
@{ var o = JObject.Parse("{\"a\":1,\"b\":2}"); o.Property("a").Remove(); o["b"].Replace("two"); return o; }
%%
@{ var o = JObject.Parse("{\"items\":[{\"k\":\"a\"},{\"k\":\"b\"}]}"); foreach (JObject i in (JArray)o["items"]) i["n"] = ((string)i["k"]).ToUpper(); return o; }
