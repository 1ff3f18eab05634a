//! Calendar dates, as kapu.toml names them: a day begins at 00:00 local time.

use std::fmt;

use crate::ports::LocalTime;

/// Days of 400 years, after which the Gregorian calendar repeats.
const ERA_DAYS: i64 = 146_097;

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl fmt::Display for Date {
    /// As [`parse`](Date::parse) reads it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let midnight = self.midnight();
        let (year, month, day) = (midnight.year, midnight.month, midnight.day);
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

impl Date {
    /// A day that no test lives to see.
    #[cfg(test)]
    pub(crate) const FAR: Self = Self {
        year: 9999,
        month: 12,
        day: 31,
    };

    /// Reads `2027-01-16` (RFC 3339, section 5.6: full-date), and nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let shape_fits = bytes.len() == 10
            && bytes.iter().enumerate().all(|(place, byte)| match place {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shape_fits {
            return None;
        }
        let date = Self {
            year: text.get(..4)?.parse().ok()?,
            month: text.get(5..7)?.parse().ok()?,
            day: text.get(8..)?.parse().ok()?,
        };
        let real = (1..=12).contains(&date.month)
            && (1..=days_of(date.year, date.month)).contains(&date.day);
        real.then_some(date)
    }

    /// The day of a local time.
    #[must_use]
    pub const fn of(time: LocalTime) -> Self {
        Self {
            year: time.year,
            month: time.month,
            day: time.day,
        }
    }

    /// Its first minute.
    #[must_use]
    pub const fn midnight(self) -> LocalTime {
        LocalTime {
            year: self.year,
            month: self.month,
            day: self.day,
            hour: 0,
            minute: 0,
        }
    }

    /// How many days after `earlier` it is; negative where it is before.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> i64 {
        self.number() - earlier.number()
    }

    /// Days since some fixed day. Years are counted from March, so that the leap day is the last.
    fn number(self) -> i64 {
        let (year, month, day) = (
            i64::from(self.year),
            i64::from(self.month),
            i64::from(self.day),
        );
        let year = if month <= 2 { year - 1 } else { year };
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year
    }
}

const fn days_of(year: i32, month: u8) -> u8 {
    match month {
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn only_days_that_exist_are_read_and_only_in_one_form() {
        for text in ["2027-01-16", "2028-02-29", "2000-02-29", "9999-12-31"] {
            assert!(Date::parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            "2027-1-16",
            "2027-01-16 ",
            "27-01-16",
            "2027-13-01",
            "2027-00-10",
            "2027-02-29",
            "1900-02-29",
            "2027-04-31",
            "2027-01-00",
            "+027-01-16",
            "2027/01/16",
            "２027-01-1",
        ] {
            assert_eq!(Date::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn days_are_counted_over_months_years_and_leap_days() {
        for (earlier, later, days) in [
            ("2026-11-26", "2026-11-26", 0),
            ("2026-11-26", "2026-11-27", 1),
            ("2026-11-26", "2027-01-16", 51),
            ("2028-02-28", "2028-03-01", 2),
            ("2100-02-28", "2100-03-01", 1),
            ("1970-01-01", "2027-01-16", 20_834),
        ] {
            assert_eq!(date(later).days_since(date(earlier)), days);
            assert_eq!(date(earlier).days_since(date(later)), -days);
        }
    }

    #[test]
    fn dates_are_in_the_order_of_time() {
        assert!(date("2026-12-31") < date("2027-01-01"));
        assert!(date("2027-01-02") < date("2027-02-01"));
    }
}
