@{ int? a = null; return a + 1; }
%%
@{ int? a = 5; return a + 1; }
%%
@{ int? a = null; return a > 1 || a < 1 || a == 1; }
%%
@{ int? a = null, b = null; return a == b; }
%%
@{ int? a = null; return a.HasValue; }
%%
@{ int? a = null; return a.Value; }
%%
@{ int? a = null; return a.GetValueOrDefault() + a.GetValueOrDefault(9); }
%%
@{ int? a = null; return a ?? -1; }
%%
@{ int? a = 3; return (a * null) == null; }
%%
@{ int? a = null; return (int)a; }
%%
@{ bool? b = null; return (b & false) + "|" + (b | true) + "|" + (b & true); }
%%
@{ bool? b = null; return b == true; }
%%
@{ bool? b = null; if (b ?? false) return "t"; return "f"; }
%%
@{ int? a = 4; object o = a; return o.GetType().Name; }
%%
@{ int? a = null; object o = a; return o == null; }
%%
@{ string s = null; return s ?? "d"; }
%%
@{ string s = null; return s?.Length; }
%%
@{ string s = null; return s?.Length == 0; }
%%
@{ string s = null; return s?.Length > 0; }
%%
@{ string s = null; return s?.ToUpper().Trim().Length; }
%%
@{ string s = "abc"; return s?[1]; }
%%
@{ int[] a = null; return a?[0] ?? -1; }
%%
@{ string a = null, b = null; return a ?? b ?? "c"; }
%%
@{ string s = ""; return (s ?? "null") == "" ? "empty" : "no"; }
%%
@{ Dictionary<string, string> d = null; return d?["x"]?.Length; }
%%
@{ object o = "text"; return o is string s ? s.Length : -1; }
%%
@{ object o = 5; return o is string s ? 1 : o is int i && i > 3 ? i : 0; }
%%
@{ object o = null; return o is string; }
%%
@{ object o = null; return o is null; }
%%
@{ object o = 5; return o is 5; }
%%
@{ object o = 5L; return o is 5; }
%%
@{ object o = "x"; var s = o as string; return s + (o as List<int> == null); }
%%
@{ object o = 5; return o as string; }
%%
@{ object o = 5; return (o as int?) + 1; }
%%
@{ object o = 5; switch (o) { case string s: return "s" + s; case int n when n > 10: return "big"; case int n: return "int" + n; default: return "?"; } }
%%
@{ object o = null; switch (o) { case string s: return "s"; case null: return "null"; default: return "d"; } }
%%
@{ string s = "b"; switch (s) { case "a": case "b": return 1; case "c": return 2; } return 3; }
%%
@{ int n = 7; switch (n % 3) { case 0: return "z"; case 1: { n *= 2; goto case 0; } default: return "d"; } }
%%
@{ if ("12" is string t && int.TryParse(t, out var n)) return n * 2; return 0; }
%%
@{ object o = 1.5; return o is var v && v != null; }
%%
@{ object o = "s"; return !(o is int); }
%%
@{ object o = 5; return (string)o; }
%%
@{ object o = null; return (int)o; }
%%
@{ object o = null; return (string)o == null; }
%%
@{ object o = 3; return (double)o; }
%%
@{ object o = 3; return (double)(int)o; }
%%
@{ DateTime? d = null; return d?.Year ?? 1900; }
%%
@{ DateTime? d = new DateTime(2024, 1, 1); return d.Value.Year + d?.Month; }
%%
@{ int? x = 5; int y = x ?? 0; x = null; return x.ToString() + "|" + y; }
%%
@{ int? a = 1, b = 2; return a < b ? "lt" : "ge"; }
%%
@{ int? a = null; int b = 2; return (a < b) + "|" + (a >= b) + "|" + !(a < b); }
%%
@(default(int?) == null && default(bool) == false && default(DateTime) == DateTime.MinValue)
