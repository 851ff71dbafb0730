@(char.IsDigit('5') && char.IsLetter('x') && char.IsWhiteSpace('\t') && char.IsUpper('Q'))
%%
@(char.GetNumericValue('7') + (char.GetNumericValue('x')))
%%
@(Convert.ToInt32("42") + Convert.ToInt32(true) + Convert.ToInt32('A'))
%%
@(Convert.ToInt32(""))
%%
@(Convert.ToInt32(3e9))
%%
@(Convert.ToDouble("2.50"))
%%
@(Convert.ToBoolean("true") && Convert.ToBoolean(1) && !Convert.ToBoolean(0.0))
%%
@(Convert.ToString(12.50m))
%%
@(Convert.ToChar(65))
%%
@(Convert.ToBase64String(new byte[] { 1, 2, 3 }))
%%
@(Convert.ChangeType("12", typeof(int)))
%%
@(Guid.Parse("nope"))
%%
@(Math.Round(2.5) + "," + Math.Round(3.5) + "," + Math.Round(-2.5))
%%
@(Math.Round(1.005m, 2))
%%
@(Math.Max(1, 2.5) + Math.Min(3, 4))
%%
@(Math.Pow(2, 10) + Math.Sqrt(81))
%%
@(Math.Sign(-3.2) + Math.DivRem(17, 5, out var rem) * 10 + rem)
%%
@(decimal.Round(2.5m) + decimal.Truncate(2.9m))
%%
@(5.Equals(5.0))
