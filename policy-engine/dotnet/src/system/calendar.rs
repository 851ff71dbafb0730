//! The proleptic Gregorian calendar over .NET ticks (100 ns since 0001-01-01).

pub(crate) const TICKS_PER_MILLISECOND: i64 = 10_000;
pub(crate) const TICKS_PER_SECOND: i64 = 10_000_000;
pub(crate) const TICKS_PER_MINUTE: i64 = 600_000_000;
pub(crate) const TICKS_PER_HOUR: i64 = 36_000_000_000;
pub(crate) const TICKS_PER_DAY: i64 = 864_000_000_000;
/// `DateTime.MaxValue`.
pub(crate) const MAX_TICKS: i64 = 3_155_378_975_999_999_999;
/// 1970-01-01.
pub(crate) const UNIX_EPOCH_TICKS: i64 = 621_355_968_000_000_000;

pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(crate) const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Fields of a clock reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Fields {
    pub(crate) year: i32,
    pub(crate) month: i32,
    pub(crate) day: i32,
    pub(crate) hour: i32,
    pub(crate) minute: i32,
    pub(crate) second: i32,
    /// Ticks within the second.
    pub(crate) fraction: i32,
}

impl Fields {
    pub(crate) fn of(ticks: i64) -> Fields {
        let (year, month, day) = date_of(ticks.div_euclid(TICKS_PER_DAY));
        let in_day = ticks.rem_euclid(TICKS_PER_DAY);
        Fields {
            year,
            month,
            day,
            hour: small(in_day / TICKS_PER_HOUR),
            minute: small(in_day / TICKS_PER_MINUTE % 60),
            second: small(in_day / TICKS_PER_SECOND % 60),
            fraction: small(in_day % TICKS_PER_SECOND),
        }
    }
}

fn small(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

pub(crate) fn is_leap_year(year: i32) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

/// Days in a month that exists.
pub(crate) fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        2 if is_leap_year(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 0001-01-01 to the date.
pub(crate) fn days_from_date(year: i32, month: i32, day: i32) -> i64 {
    // Years begin in March, so that the leap day is the last of them.
    let y = i64::from(if month <= 2 { year - 1 } else { year });
    let shifted = i64::from((month + 9) % 12);
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 306
}

fn date_of(days: i64) -> (i32, i32, i32) {
    let z = days + 306;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (small(year), small(month), small(day))
}

/// Ticks of a date at midnight; `None` if there is no such date in years 1 to 9999.
pub(crate) fn date_ticks(year: i32, month: i32, day: i32) -> Option<i64> {
    let exists =
        (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    exists.then(|| days_from_date(year, month, day) * TICKS_PER_DAY)
}

/// Ticks of a time of day; `None` if there is no such time.
pub(crate) fn time_ticks(hour: i32, minute: i32, second: i32) -> Option<i64> {
    let exists = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
    exists.then(|| i64::from(hour * 3600 + minute * 60 + second) * TICKS_PER_SECOND)
}

/// 0 = Sunday.
pub(crate) fn day_of_week(ticks: i64) -> i32 {
    small((ticks.div_euclid(TICKS_PER_DAY) + 1).rem_euclid(7))
}

/// 1 to 366.
pub(crate) fn day_of_year(ticks: i64) -> i32 {
    let f = Fields::of(ticks);
    small(ticks.div_euclid(TICKS_PER_DAY) - days_from_date(f.year, 1, 1)) + 1
}
