@(context.Request.Method + " " + context.Request.Url.Path)
%%
@(context.Request.Url.Host + "|" + context.Request.Url.Port + "|" + context.Request.Url.Scheme)
%%
@(context.Request.OriginalUrl.Host + context.Request.OriginalUrl.Path + context.Request.OriginalUrl.QueryString)
%%
@(context.Request.Url.Query["tag"])
%%
@(context.Request.Url.Query.GetValueOrDefault("tag", "none"))
%%
@(context.Request.Url.Query.GetValueOrDefault("missing", "none"))
%%
@(context.Request.Url.Query["missing"])
%%
@(context.Request.Url.Query.Count + string.Join(",", context.Request.Url.Query.Select(q => q.Key)))
%%
@(int.Parse(context.Request.Url.Query.GetValueOrDefault("page", "1")) + 1)
%%
@(context.Request.Headers.GetValueOrDefault("x-trace", "-"))
%%
@(context.Request.Headers.GetValueOrDefault("X-Forwarded-For", ""))
%%
@(context.Request.Headers["X-Forwarded-For"][0])
%%
@(context.Request.Headers["Nope"][0])
%%
@(context.Request.Headers.ContainsKey("accept") && !context.Request.Headers.ContainsKey("cookie"))
%%
@(context.Request.Headers.TryGetValue("Accept", out var v) ? v[0] : "none")
%%
@(context.Request.Body == null)
%%
@(context.Request.IpAddress.StartsWith("203.0."))
%%
@(context.Request.MatchedParameters["orderId"] + context.Request.MatchedParameters.GetValueOrDefault("nope", "-"))
%%
@(context.Request.Certificate == null)
%%
@(context.Variables["count"])
%%
@((int)context.Variables["count"] + 1)
%%
@((string)context.Variables["count"])
%%
@((long)context.Variables["count"])
%%
@(context.Variables["missing"])
%%
@(context.Variables.ContainsKey("name") ? (string)context.Variables["name"] : "none")
%%
@(context.Variables.GetValueOrDefault<string>("name", "d") + context.Variables.GetValueOrDefault("zz", "d"))
%%
@(context.Variables.GetValueOrDefault<int>("count") * 2)
%%
@(context.Variables.GetValueOrDefault<int>("zz"))
%%
@(context.Variables.GetValueOrDefault<string>("zz") == null)
%%
@(context.Variables.GetValueOrDefault<string>("count", "x"))
%%
@(context.Variables["none"] == null)
%%
@((string)context.Variables["none"] ?? "nil")
%%
@(((JObject)context.Variables["doc"])["tags"][1].ToString() + (bool)((JObject)context.Variables["doc"])["inner"]["on"])
%%
@(((string[])context.Variables["list"]).Last())
%%
@(((DateTime)context.Variables["when"]).AddDays(1).ToString("yyyy-MM-dd"))
%%
@((bool)context.Variables["flag"] ? "on" : "off")
%%
@((double)context.Variables["ratio"] * (long)context.Variables["big"])
%%
@(context.Variables["count"].Equals(5) + "|" + (context.Variables["count"] == (object)5))
%%
@("v:" + context.Variables["price"] + context.Variables["flag"])
%%
@(context.Api.Name + "/" + context.Api.Id + "/" + context.Api.Revision + "/" + context.Api.IsCurrentRevision)
%%
@(context.Api.ServiceUrl.Path + context.Api.Path + context.Api.Version)
%%
@(context.Operation.Id + " " + context.Operation.UrlTemplate)
%%
@(context.Product?.Name + context.Product.SubscriptionLimit)
%%
@(context.Product.State == ProductState.Published)
%%
@(context.Product.Apis.Count() + context.Product.Groups.First().Name)
%%
@(context.Subscription.Key + "|" + context.Subscription.EndDate + "|" + context.Subscription.StartDate?.Year)
%%
@(context.User.Groups.Any(g => g.Name == "Administrators"))
%%
@(string.Join(";", context.User.Identities.Select(i => i.Provider + ":" + i.Id)))
%%
@(context.User.FirstName.Substring(0, 1) + context.User.LastName)
%%
@(context.Deployment.GatewayId + "," + context.Deployment.Region)
%%
@(context.RequestId)
%%
@(context.RequestId.ToString("N").Substring(0, 8))
%%
@(context.Timestamp.ToString("o"))
%%
@(context.Elapsed.TotalMilliseconds + "|" + context.Tracing)
%%
@(context.LastError == null && context.Response == null)
%%
@(context.LastError.Message)
%%
@(context.Request.Headers.GetValueOrDefault("Authorization", "").Split(' ').Last().AsJwt()?.Subject)
%%
@(context.Request.Headers.GetValueOrDefault("Authorization", "").Substring(7).AsJwt().Claims["roles"])
%%
@(context.Request.Headers.GetValueOrDefault("Authorization", "").Substring(7).AsJwt().Claims.GetValueOrDefault("scp", "").Split(' ').Contains("orders.write"))
%%
@{ Jwt jwt; if (context.Request.Headers.GetValueOrDefault("Authorization", "").Split(' ')[1].TryParseJwt(out jwt)) return jwt.ExpirationTime; return null; }
%%
@("nonsense".AsJwt() == null)
%%
@(context.Request.Body.As<JObject>()["customer"]["name"])
%%
@(context.Request.Body.As<JObject>(preserveContent: true)["items"].Sum(i => (decimal)i["price"] * (int)i["qty"]))
%%
@(context.Request.Body.As<string>().Length)
%%
@(context.Request.Body.As<JObject>(true)["items"].Count() + context.Request.Body.As<JObject>(true)["items"].Max(i => (double)i["price"]))
%%
@(context.Request.Body.As<JArray>())
%%
@(context.Request.Body.As<JToken>().SelectToken("items[?(@.qty > 1)].sku"))
%%
@(context.Request.Body.As<XElement>())
%%
@(context.Request.Headers.GetValueOrDefault("Authorization", "").AsBasic().UserId)
%%
@(context.Request.Headers.GetValueOrDefault("Authorization", "").AsBasic()?.Password)
%%
@("Bearer x".AsBasic() == null)
%%
@(context.Product == null && context.User == null && context.Subscription == null)
%%
@(context.User.Email)
%%
@(context.User?.Email ?? "anonymous")
%%
@(context.Response.StatusCode + " " + context.Response.StatusReason)
%%
@(context.Response.StatusCode >= 200 && context.Response.StatusCode < 300)
%%
@(context.Response.Headers.GetValueOrDefault("set-cookie", ""))
%%
@(Regex.Match(context.Response.Headers.GetValueOrDefault("Cache-Control", ""), @"max-age=(?<s>\d+)").Groups["s"]?.Value)
%%
@{ var body = context.Response.Body.As<JObject>(preserveContent: true); foreach (JObject v in body["value"]) v.Remove("secret"); return body.ToString(Formatting.None); }
%%
@(((IResponse)context.Variables["backend"]).StatusCode)
%%
@((string)((IResponse)context.Variables["backend"]).Body.As<JObject>()["error"]["code"])
%%
@(context.Response.Body.As<string>(true).Replace("backend.internal", "api.contoso.test").Contains("api.contoso.test/list"))
%%
@(context.LastError.Source + ":" + context.LastError.Reason + ":" + context.LastError.Section)
%%
@(context.LastError.Message.Contains("expired") ? 401 : 500)
%%
@(context.Request.Body.As<XElement>(true).Elements("line").Sum(l => (int)l.Attribute("qty")))
%%
@(context.Request.Body.As<XDocument>(true).Root.Attribute("id").Value)
%%
@(context.Response.Body == null)
%%
@(context.Response.Body.As<string>())
