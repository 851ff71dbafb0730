@(new DateTime(2024, 2, 28).AddDays(2))
%%
@(new DateTime(2024, 3, 1) - new DateTime(2024, 2, 1))
%%
@(new DateTime(2024, 5, 6, 7, 8, 9).ToString("o"))
%%
@(new DateTime(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc).ToString("u"))
%%
@(new DateTime(2024, 5, 6, 17, 8, 9).ToString("d/M/yy h:mm tt"))
%%
@(new DateTime(2024, 5, 6).ToString("d") + "|" + new DateTime(2024, 5, 6).ToString("D"))
%%
@((int)new DateTime(2024, 5, 5).DayOfWeek)
%%
@((new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc) - new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc)).TotalSeconds)
%%
@(DateTime.Parse("2024-05-06T07:08:09Z").Kind)
%%
@(DateTime.Parse("not a date"))
%%
@(new DateTime(2024, 1, 1) < new DateTime(2024, 1, 1, 0, 0, 1))
%%
@(DateTime.IsLeapYear(1900))
%%
@(new DateTime(2024, 5, 6, 7, 8, 9).TimeOfDay)
%%
@(TimeSpan.FromMinutes(125))
%%
@(TimeSpan.Parse("1.02:03:04").TotalSeconds)
%%
@(TimeSpan.FromSeconds(90) + TimeSpan.FromSeconds(45) > TimeSpan.FromMinutes(2))
%%
@(new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.FromHours(-5)))
%%
@(new DateTimeOffset(2024, 5, 6, 7, 0, 0, TimeSpan.Zero) == new DateTimeOffset(2024, 5, 6, 9, 0, 0, TimeSpan.FromHours(2)))
%%
@(new DateTimeOffset(2024, 5, 6, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds())
