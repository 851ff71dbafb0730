@(1 + 2 * 3 - 4 / 2)
%%
@((1 + 2) * 3 % 4)
%%
@(7 / 2)
%%
@(-7 / 2)
%%
@(-7 % 3)
%%
@(7 % -3)
%%
@(7 / 2.0)
%%
@(7.0 % 2.5)
%%
@(1 / 3m)
%%
@(10m / 4)
%%
@(1.10m + 2.20m)
%%
@(1.0m * 1.00m)
%%
@(0.1 + 0.2)
%%
@(0.1m + 0.2m)
%%
@(0.1f + 0.2f)
%%
@((double)0.1f)
%%
@{ int a = int.MaxValue; a = a + 1; return a; }
%%
@{ int a = int.MaxValue; return a * 2; }
%%
@{ int a = int.MaxValue; return a + 1L; }
%%
@{ uint u = 0; u--; return u; }
%%
@{ byte b = 250; b += 10; return b; }
%%
@{ byte b = 200; var c = b + 100; return c; }
%%
@{ short s = 32767; s++; return s; }
%%
@{ int big = 300; return (byte)big; }
%%
@{ int neg = -1; return (uint)neg; }
%%
@{ long l = 5000000000; return (int)l; }
%%
@{ int a = int.MaxValue; return checked(a + 1); }
%%
@{ checked { long l = long.MaxValue; l += 1; return l; } }
%%
@{ int m = int.MinValue; return -m; }
%%
@{ int m = int.MinValue; return Math.Abs(m + 1); }
%%
@{ int z = 0; return 5 / z; }
%%
@{ double z = 0; return 5 / z; }
%%
@{ double z = 0; return -5 / z; }
%%
@{ double z = 0; return z / z; }
%%
@(double.NaN == double.NaN)
%%
@(double.NaN.Equals(double.NaN))
%%
@(5 & 3 | 8 ^ 2)
%%
@(~5)
%%
@(1 << 33)
%%
@(1L << 33)
%%
@(-16 >> 2)
%%
@{ uint u = 0x80000000; return u >> 31; }
%%
@(0xFF + 0b1010 + 1_000)
%%
@(true ^ true)
%%
@(true || int.Parse("x") > 0)
%%
@{ int n = 0; bool r = false && (++n > 0); return n + "|" + r; }
%%
@{ int n = 0; bool r = false & (++n > 0); return n + "|" + r; }
%%
@{ int i = 5; return i++ + ++i; }
%%
@{ int i = 5; i += i++ * 2 + i; return i; }
%%
@{ int x = 3; x <<= 2; x |= 1; x ^= 5; return x; }
%%
@(1 < 2 == true)
%%
@(1 == 1.0)
%%
@(1 == 1m)
%%
@('a' == 97)
%%
@('a' + 1)
%%
@('a' + 'b')
%%
@((char)('a' + 1))
%%
@{ char c = 'x'; c++; return c; }
%%
@((int)3.99)
%%
@((int)-3.99)
%%
@((long)1e12)
%%
@((int)'A')
%%
@((decimal)1.5 + 1)
%%
@(1 > 0 ? "yes" : "no")
%%
@(true ? 1 : 2.5)
%%
@(false ? 'a' : 98)
%%
@(true ? false ? 1 : 2 : 3)
%%
@(sizeof(int) + sizeof(long))
%%
@(typeof(string).Name)
%%
@(nameof(context.Request))
%%
@(default(int) + (default(string) == null ? 1 : 0))
%%
@(int.MaxValue.GetType() == typeof(int))
%%
@(5 is int)
%%
@{ object o = 5; return o is long; }
%%
@{ object a = 1, b = 1; return a == b; }
%%
@{ object a = 1, b = 1; return a.Equals(b); }
%%
@{ object a = 1; return a.Equals(1L); }
%%
@{ long a = 1; return a.Equals(1); }
%%
@{ object s1 = "ab", s2 = new string(new[]{'a','b'}); return (s1 == s2) + "|" + s1.Equals(s2) + "|" + ((string)s1 == (string)s2); }
%%
@{ var d = 1e308 * 10; return d; }
%%
@(1e16 + 1)
%%
@(4.35 * 100)
%%
@((int)(4.35 * 100))
%%
@(1.005m * 100)
%%
@((float)16777217)
%%
@(3 + 4L)
%%
@((3 + 4u))
%%
@(-1 + 4u)
%%
@(3 + 4ul)
%%
@(5f / 2)
%%
@{ short a = 1, b = 2; return a + b; }
%%
@{ var x = 10; var y = x > 5 && x < 20 || x == 0; return !y; }
%%
@{ int x; x = 5; int y = x = 7; return x + y; }
