@{
    var header = context.Request.Headers.GetValueOrDefault("Authorization", "");
    if (string.IsNullOrEmpty(header) || !header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
    {
        return "no token";
    }
    var token = header.Substring("Bearer ".Length).AsJwt();
    if (token == null) { return "bad token"; }
    var scopes = token.Claims.GetValueOrDefault("scp", "").Split(' ');
    return scopes.Contains("orders.write") ? "write:" + token.Subject : "read:" + token.Subject;
}
%%
@{
    var pieces = new List<string>();
    foreach (var pair in context.Request.Url.Query.OrderBy(q => q.Key, StringComparer.Ordinal))
    {
        foreach (var value in pair.Value)
        {
            pieces.Add(Uri.EscapeDataString(pair.Key) + "=" + Uri.EscapeDataString(value));
        }
    }
    return string.Join("&", pieces);
}
%%
@{
    string[] forwarded;
    if (context.Request.Headers.TryGetValue("X-Forwarded-For", out forwarded) && forwarded.Length > 0)
    {
        var first = forwarded[0].Split(',')[0].Trim();
        var octets = first.Split('.').Select(byte.Parse).ToArray();
        return octets.Length == 4 && octets[0] == 203 ? "doc-range" : "other";
    }
    return "direct";
}
%%
@{
    var key = context.Subscription?.Id ?? context.Request.IpAddress;
    using (var sha = System.Security.Cryptography.SHA256.Create())
    {
        var hash = sha.ComputeHash(Encoding.UTF8.GetBytes(key + "|" + context.Api.Id));
        return BitConverter.ToString(hash, 0, 6).Replace("-", "").ToLowerInvariant();
    }
}
%%
@{
    var order = context.Request.Body.As<JObject>(preserveContent: true);
    decimal total = 0;
    foreach (var item in order["items"])
    {
        var qty = item.Value<int>("qty");
        var price = item.Value<decimal>("price");
        total += qty * price;
    }
    var result = new JObject();
    result["customer"] = order["customer"]["email"];
    result["total"] = Math.Round(total, 2);
    result["lines"] = ((JArray)order["items"]).Count;
    return result.ToString(Formatting.None);
}
%%
@{
    var credentials = context.Request.Headers.GetValueOrDefault("Authorization", "").AsBasic();
    if (credentials == null) { return false; }
    var allowed = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { { "KIM", "pa:ss" }, { "lee", "x" } };
    string expected;
    return allowed.TryGetValue(credentials.UserId, out expected) && expected == credentials.Password;
}
%%
@{
    var body = context.Request.Body.As<JObject>(true);
    var envelope = new XElement("Order",
        new XAttribute("placed", ((DateTime)body["placed"]).ToString("yyyyMMdd")),
        body["items"].Select(i => new XElement("Line", new XAttribute("sku", (string)i["sku"]), (int)i["qty"])));
    return envelope.ToString(SaveOptions.DisableFormatting);
}
%%
@{
    var errors = new List<string>();
    var body = context.Request.Body.As<JObject>(true);
    if (body["customer"]?["phone"] == null) errors.Add("phone");
    if (body["note"] == null) errors.Add("note");
    if (body["note"].Type == JTokenType.Null) errors.Add("note-null");
    if (!Regex.IsMatch((string)body["customer"]["email"], @"^\S+@\S+$")) errors.Add("email");
    return errors.Count == 0 ? "valid" : string.Join(",", errors);
}
%%
@{
    var response = context.Response.Body.As<JObject>(preserveContent: true);
    var next = (string)response["next"];
    if (next != null)
    {
        var url = new Uri(next);
        response["next"] = "https://" + context.Request.OriginalUrl.Host + url.PathAndQuery;
    }
    foreach (var entry in (JArray)response["value"])
    {
        ((JObject)entry).Property("secret")?.Remove();
    }
    return response.ToString(Formatting.None);
}
%%
@{
    var backend = (IResponse)context.Variables["backend"];
    var retryAfter = backend.Headers.GetValueOrDefault("Retry-After", "0");
    int seconds;
    if (!int.TryParse(retryAfter, out seconds)) { seconds = 60; }
    var retries = context.Variables.GetValueOrDefault<int>("retries");
    var delay = Math.Min(seconds * Math.Pow(2, retries), 300);
    return backend.StatusCode == 404 && retries < 3 ? delay : -1;
}
%%
@{
    var accept = context.Request.Headers.GetValueOrDefault("Accept", "*/*");
    switch (accept.Split(',')[0].Split(';')[0].Trim().ToLowerInvariant())
    {
        case "application/json":
        case "*/*":
            return "json";
        case "text/xml":
        case "application/xml":
            return "xml";
        default:
            return "unsupported";
    }
}
%%
@{
    var e = context.LastError;
    var status = 500;
    if (e.Source == "validate-jwt" && e.Reason == "TokenExpired") { status = 401; }
    else if (e.Source == "rate-limit") { status = 429; }
    return new JObject(
        new JProperty("status", status),
        new JProperty("detail", e.Message.Split(':').Last().Trim()),
        new JProperty("section", e.Section)).ToString(Formatting.None);
}
%%
@{
    var xml = context.Request.Body.As<XElement>(preserveContent: true);
    var lines = new JArray();
    foreach (var line in xml.Elements("line"))
    {
        lines.Add(new JObject { ["name"] = line.Value, ["qty"] = (int)line.Attribute("qty") });
    }
    return new JObject { ["id"] = (string)xml.Attribute("id"), ["lines"] = lines }.ToString();
}
%%
@{
    var text = "GET /a HTTP/1.1\nHost: h.example\nX-N: 5\n\nbody";
    var map = new Dictionary<string, string>();
    using (var reader = new StringReader(text))
    {
        var first = reader.ReadLine();
        string line;
        while (!string.IsNullOrEmpty(line = reader.ReadLine()))
        {
            var colon = line.IndexOf(':');
            map[line.Substring(0, colon).ToLower()] = line.Substring(colon + 1).Trim();
        }
        return first.Split(' ')[1] + "|" + map["host"] + "|" + int.Parse(map["x-n"]) + "|" + reader.ReadToEnd();
    }
}
%%
@{
    var weights = new[] { new { Name = "a", W = 5 }, new { Name = "b", W = 3 }, new { Name = "c", W = 2 } };
    var ticket = 6;
    var running = 0;
    foreach (var w in weights)
    {
        running += w.W;
        if (ticket < running) return w.Name;
    }
    return "none";
}
