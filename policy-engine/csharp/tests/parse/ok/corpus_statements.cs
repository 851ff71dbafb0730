@{ int s = 0; for (int i = 0; i < 5; i++) { if (i == 3) continue; s += i; } return s; }
%%
@{ int s = 0; for (int i = 0, j = 10; i < j; i++, j -= 2) s += j - i; return s; }
%%
@{ var r = ""; foreach (var c in "abc") { if (c == 'b') break; r += c; } return r; }
%%
@{ int n = 10, steps = 0; while (n != 1) { n = n % 2 == 0 ? n / 2 : 3 * n + 1; steps++; } return steps; }
%%
@{ int i = 0; do { i++; } while (i < 0); return i; }
%%
@{ for (;;) { return "forever"; } }
%%
@{ outer: for (int i = 0; i < 3; i++) { for (int j = 0; j < 3; j++) { if (i * j == 2) goto done; } } done: return "done"; }
%%
@{ var fs = new List<Func<int>>(); for (int i = 0; i < 3; i++) fs.Add(() => i); return fs.Select(f => f()); }
%%
@{ var fs = new List<Func<int>>(); for (int i = 0; i < 3; i++) { var k = i; fs.Add(() => k); } return fs.Select(f => f()); }
%%
@{ int x = 1; Action a = () => x += 5; a(); a(); return x; }
%%
@{ Func<int, Func<int, int>> add = a => b => a + b; return add(2)(3); }
%%
@{ Func<int, int> f = null; f = n => n <= 1 ? 1 : n * f(n - 1); return f(5); }
%%
@{ int Fib(int n) => n < 2 ? n : Fib(n - 1) + Fib(n - 2); return Fib(10); }
%%
@{ int total = 0; void Add(int n) { total += n; } Add(2); Add(3); return total; }
%%
@{ string Pad(string s, int w = 4, char c = '.') => s.PadLeft(w, c); return Pad("a") + Pad("b", c: '-') + Pad(w: 2, s: "c"); }
%%
@{ int Sum(params int[] xs) => xs.Sum(); return Sum() + Sum(1) + Sum(1, 2, 3); }
%%
@{ void Two(int x, out int a, ref int b) { a = x * 2; b += x; } int q = 1; Two(5, out var p, ref q); return p + q; }
%%
@{ try { throw new Exception("boom"); } catch (Exception e) { return e.Message; } }
%%
@{ try { int z = 0; return 1 / z; } catch (DivideByZeroException) { return -1; } finally { } }
%%
@{ var log = ""; try { log += "t"; throw new ArgumentException("bad", "p"); } catch (InvalidOperationException) { log += "i"; } catch (ArgumentException e) when (e.ParamName == "q") { log += "q"; } catch (ArgumentException e) when (e.ParamName == "p") { log += "p"; } finally { log += "f"; } return log; }
%%
@{ int n = 0; try { n = 1; return n; } finally { n = 99; } }
%%
@{ var log = ""; try { try { throw new Exception("a"); } finally { log += "f1"; } } catch { log += "c"; } return log; }
%%
@{ try { try { throw new FormatException("in"); } catch (FormatException e) { throw new InvalidOperationException("out", e); } } catch (Exception e) { return e.Message + "<" + e.InnerException.Message; } }
%%
@{ try { int.Parse("x"); return "no"; } catch (FormatException) { return "fmt"; } catch (OverflowException) { return "ovf"; } }
%%
@{ throw new InvalidOperationException("custom"); }
%%
@{ try { throw new Exception("keep"); } catch (Exception) { throw; } }
%%
@{ string s = null; try { return s.Length; } catch (NullReferenceException) { return "nre"; } }
%%
@{ string s = "v"; return s ?? throw new ArgumentNullException("s"); }
%%
@{ string s = null; return s ?? throw new ArgumentNullException("s"); }
%%
@{ var x = 5; { var y = 6; x += y; } { var y = 1; x -= y; } return x; }
%%
@{ var d = 5; if (d > 3) if (d > 4) return "a"; else return "b"; return "c"; }
%%
@{ if (1 > 2) return 1; else if (2 > 3) return 2; else return 3; }
%%
@{ const int K = 4; const string P = "k" + "v"; return P + K * K; }
%%
@{ var r = new List<int>(); for (var i = 10; i > 0; i /= 2) r.Add(i); return r; }
%%
@{ int a = 1, b = 2; var tmp = a; a = b; b = tmp; return a + "," + b; }
%%
@{ Func<int, bool> even = delegate (int n) { return n % 2 == 0; }; return even(4); }
%%
@{ Func<string, int> p = int.Parse; return p("7") + 1; }
%%
@{ Action<string> log = s => { }; log("x"); return "ok"; }
%%
@{ Predicate<int> p = n => n > 1; return new List<int> { 1, 2, 3 }.FindAll(p); }
%%
@{ using (var r = new StringReader("l1\nl2")) { r.ReadLine(); return r.ReadLine(); } }
%%
@{ using (var w = new StringWriter()) { w.Write("a"); w.WriteLine(1); return w.ToString(); } }
%%
@{ IEnumerable<int> Gen() { yield return 1; yield return 2; yield break; } return Gen(); }
%%
@{ object lk = new object(); lock (lk) { return "locked"; } }
%%
@{ int i = 3; while (i-- > 0) { if (i == 1) break; } return i; }
%%
@{ var s = "x"; s += s += "y"; return s; }
%%
@{ dynamic d = new JObject(); return "dyn"; }
%%
@{ /* comment */ return 1; // trailing
}
%%
@{ #pragma warning disable
return 2; }
%%
@{ int x = 5; ref int y = ref x; y = 9; return x; }
%%
@{ unchecked { int m = int.MaxValue; return m + 1; } }
%%
@{ int n = 4; int r = n > 3 ? n++ : --n; return r * 10 + n; }
%%
@{ var q = new { A = 1 }; var list = new[] { q }.ToList(); list.Clear(); list.Add(new { A = 7 }); return list[0].A; }
