@(new Uri("https://user@h.example:8443/a/b%20c?q=1&r=#frag").Host)
%%
@(new Uri("https://h.example/a/b%20c").ToString())
%%
@(new Uri("https://h.example/a/b/../c").AbsolutePath)
%%
@(new Uri(new Uri("https://h.example/a/b"), "c?d").ToString())
%%
@(new Uri("/a/b", UriKind.RelativeOrAbsolute).OriginalString)
%%
@(Uri.EscapeDataString("a b&c=d/é?"))
%%
@(Uri.IsWellFormedUriString("http://a b", UriKind.Absolute))
%%
@(WebUtility.UrlEncode("-_.~!*'()"))
%%
@(WebUtility.HtmlDecode("&lt;b&gt;&amp;&#39;&eacute;&nbsp;".Replace("&nbsp;", "")))
%%
@(IPAddress.Parse("300.1.1.1"))
%%
@(IPAddress.Parse("1.2.3.4").Equals(IPAddress.Parse("1.2.3.4")))
