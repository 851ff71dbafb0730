@((1234567.891).ToString("N"))
%%
@((-1234.5).ToString("N2"))
%%
@((255).ToString("X"))
%%
@((3.14159).ToString("F2"))
%%
@((0.125).ToString("F2"))
%%
@((12345.678).ToString("E2"))
%%
@((0.1234).ToString("P1"))
%%
@((123456789.0).ToString("G4"))
%%
@((1e15).ToString())
%%
@((0.0001).ToString())
%%
@((float.MaxValue).ToString())
%%
@((1.2300m).ToString())
%%
@((12m).ToString("0.00"))
%%
@((1.5).ToString("0"))
%%
@((5).ToString("00#"))
%%
@((1234567890).ToString("(###) ###-####"))
%%
@((-3).ToString("0;(0);-"))
%%
@((1500).ToString("0,.0K"))
%%
@((42).ToString("Q"))
%%
@(((object)1.5).ToString())
%%
@((1234.5).ToString("N1", CultureInfo.InvariantCulture))
%%
@(int.Parse("  42 "))
%%
@(double.Parse("1e3"))
%%
@(decimal.Parse("1.500"))
%%
@{ double d; return double.TryParse("3.25", out d) ? d * 2 : -1; }
%%
@{ long l; return long.TryParse("9999999999", out l) ? l : 0; }
%%
@(Convert.ToString(255, 2))
%%
@(Convert.ToInt32("1010", 2))
%%
@(Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e").ToString("N"))
