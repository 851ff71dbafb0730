@("a" + 1 + 2)
%%
@(1 + 2 + "a")
%%
@("a" + (1 + 2))
%%
@("x" + null)
%%
@{ string s = null; return s + s; }
%%
@{ string s = null; return s + "b" + 'c'; }
%%
@("v=" + true)
%%
@("v=" + false.ToString().ToLower())
%%
@("v=" + 1.0)
%%
@("v=" + 1.50m)
%%
@("v=" + 2.5f)
%%
@("v=" + 1e20)
%%
@("v=" + 100000000000000000.0)
%%
@("v=" + 0.00001)
%%
@("c" + 'd' + 'e')
%%
@('c' + 'd' + "e")
%%
@("" + new[]{1,2}.Length)
%%
@("" + new int[0])
%%
@("" + new List<int>())
%%
@("" + DayOfWeek.Friday)
%%
@("" + (object)null + "z")
%%
@("n:" + (int?)null)
%%
@("n:" + (int?)4)
%%
@{ object o = 12; return "o" + o; }
%%
@{ string s = "a"; s += 1; s += 'b'; s += null; s += 2.5; return s; }
%%
@("-" + -5)
%%
@("tab\tq\"b\\s\u0041\x42")
%%
@(@"raw\n""quoted""")
%%
@("line1\nline2".Length)
%%
@("\0".Length)
%%
@($"sum={1 + 2}")
%%
@($"{{literal}} {1}")
%%
@($"{12,6}|{12,-6}|")
%%
@($"{3.14159:F2}")
%%
@($"{255:X}-{255:x4}-{7:D3}")
%%
@($"{1234567.891:N2}")
%%
@($"{0.256:P1}")
%%
@($"{"nested" + 1}")
%%
@($"{(true ? "a" : "b")}")
%%
@{ string n = null; return $"[{n}]"; }
%%
@{ object n = null; return $"[{n,4}]"; }
%%
@($"{'x'}{true}{1.5m}")
%%
@($"{new DateTime(2024, 2, 3, 4, 5, 6):yyyy-MM-dd HH:mm}")
%%
@($@"c:\dir\{1}")
%%
@($"{-5,8:0000}")
%%
@($"{1.0}/{10m}/{1.10m}")
%%
@($"{new[]{1,2,3}[1]}")
%%
@{ var name = "amy"; return $"{name.ToUpper()} has {name.Length} letters"; }
%%
@{ int? n = null; return $"<{n}>"; }
%%
@(string.Format("{0} {1} {0}", "a", 2))
%%
@(string.Format("{0:D5}|{1,10:F3}|{2,-6}|", 42, 2.5, "ab"))
%%
@(string.Format("{{{0}}}", 5))
%%
@(string.Format("{0}", (object)null) + "|")
%%
@(string.Format("{1}", "only"))
%%
@(string.Format("{0", 1))
%%
@(string.Format("{0:yyyy}-{0:MM}", new DateTime(2023, 7, 8)))
%%
@(string.Concat("a", 1, 'c', null, true))
%%
@(string.Join(",", 1, "a", true, null, 2.5))
%%
@(string.Join("-", new[] { "a", null, "c" }))
%%
@(string.Join(", ", new List<int> { 3, 1, 2 }))
%%
@("a\r\nb".Replace("\r\n", "|"))
%%
@("é".Length + "|" + "😀".Length)
%%
@("\u00e9" == "é")
%%
@{ var sb = new StringBuilder(); sb.Append(1).Append('x').Append(true).Append(2.5).Append((string)null).AppendLine(); return sb.ToString(); }
