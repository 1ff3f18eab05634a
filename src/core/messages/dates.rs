//! Dates, times and durations as people write them.

use super::{Language, Message, Texts};
use crate::ports::LocalTime;

const ENGLISH_MONTHS: [&str; 12] = [
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
const ENGLISH_SHORT: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const HUNGARIAN_MONTHS: [&str; 12] = [
    "január",
    "február",
    "március",
    "április",
    "május",
    "június",
    "július",
    "augusztus",
    "szeptember",
    "október",
    "november",
    "december",
];
const HUNGARIAN_SHORT: [&str; 12] = [
    "jan.", "febr.", "márc.", "ápr.", "máj.", "jún.", "júl.", "aug.", "szept.", "okt.", "nov.",
    "dec.",
];

impl Texts {
    /// `3 March 2026`, `2026. március 3.`
    #[must_use]
    pub fn date(&self, at: LocalTime) -> String {
        let (year, day) = (at.year, at.day);
        self.carried(match self.language {
            Language::English => format!("{day} {} {year}", month(&ENGLISH_MONTHS, at)),
            Language::Hungarian => format!("{year}. {} {day}.", month(&HUNGARIAN_MONTHS, at)),
        })
    }

    /// `3 Mar 2026`, `2026. márc. 3.`
    #[must_use]
    pub fn short_date(&self, at: LocalTime) -> String {
        let year = at.year;
        let day = self.day(at);
        match self.language {
            Language::English => format!("{day} {year}"),
            Language::Hungarian => format!("{year}. {day}"),
        }
    }

    /// `12 Nov`, `nov. 12.`
    #[must_use]
    pub fn day(&self, at: LocalTime) -> String {
        let day = at.day;
        self.carried(match self.language {
            Language::English => format!("{day} {}", month(&ENGLISH_SHORT, at)),
            Language::Hungarian => format!("{} {day}.", month(&HUNGARIAN_SHORT, at)),
        })
    }

    /// `14 Nov 09:12`, `nov. 14. 09:12`
    #[must_use]
    pub fn date_time(&self, at: LocalTime) -> String {
        format!("{} {}", self.day(at), clock(at))
    }

    /// The shortest that is clear as of `now`: `today 08:14`, `14 Nov 09:12`, or with the year
    /// where that is another one.
    #[must_use]
    pub fn moment(&self, at: LocalTime, now: LocalTime) -> String {
        if (at.year, at.month, at.day) == (now.year, now.month, now.day) {
            self.fill(Message::Today, &[("time", &clock(at))])
        } else if at.year == now.year {
            self.date_time(at)
        } else {
            format!("{} {}", self.short_date(at), clock(at))
        }
    }

    /// `40 seconds`, `3 minutes`; `40 másodperc`, `3 perc`. From one minute on, rounded to minutes.
    ///
    /// The Hungarian always ends in *perc*, so that rows may hang an ending on it.
    #[must_use]
    pub fn duration(&self, seconds: u64) -> String {
        let (one, many, count) = if seconds < 60 {
            (Message::Second, Message::Seconds, seconds)
        } else {
            (
                Message::Minute,
                Message::Minutes,
                seconds.saturating_add(30) / 60,
            )
        };
        if count == 1 {
            self.say(one)
        } else {
            self.fill(many, &[("count", &count.to_string())])
        }
    }
}

/// `08:14`
fn clock(at: LocalTime) -> String {
    format!("{:02}:{:02}", at.hour, at.minute)
}

/// The name of the month of `at`; `?` where there is no such month.
fn month(names: &[&'static str; 12], at: LocalTime) -> &'static str {
    usize::from(at.month)
        .checked_sub(1)
        .and_then(|index| names.get(index))
        .copied()
        .unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: Texts = Texts {
        language: Language::English,
        unicode: true,
    };
    const HUNGARIAN: Texts = Texts {
        language: Language::Hungarian,
        unicode: true,
    };
    const NOW: LocalTime = LocalTime {
        year: 2026,
        month: 3,
        day: 9,
        hour: 8,
        minute: 5,
    };

    #[test]
    fn a_date_is_written_as_each_language_writes_it() {
        assert_eq!(ENGLISH.date(NOW), "9 March 2026");
        assert_eq!(HUNGARIAN.date(NOW), "2026. március 9.");
        assert_eq!(ENGLISH.short_date(NOW), "9 Mar 2026");
        assert_eq!(HUNGARIAN.short_date(NOW), "2026. márc. 9.");
        assert_eq!(ENGLISH.day(NOW), "9 Mar");
        assert_eq!(HUNGARIAN.day(NOW), "márc. 9.");
        assert_eq!(ENGLISH.date_time(NOW), "9 Mar 08:05");
        assert_eq!(HUNGARIAN.date_time(NOW), "márc. 9. 08:05");
    }

    #[test]
    fn a_folded_date_is_ascii() {
        let folded = Texts {
            unicode: false,
            ..HUNGARIAN
        };
        assert_eq!(folded.date(NOW), "2026. marcius 9.");
        assert_eq!(folded.short_date(NOW), "2026. marc. 9.");
        assert_eq!(folded.date_time(NOW), "marc. 9. 08:05");
    }

    #[test]
    fn a_moment_says_no_more_than_is_needed() {
        let yesterday = LocalTime { day: 8, ..NOW };
        let last_year = LocalTime { year: 2025, ..NOW };
        let last_month = LocalTime { month: 2, ..NOW };
        assert_eq!(ENGLISH.moment(NOW, NOW), "today 08:05");
        assert_eq!(HUNGARIAN.moment(NOW, NOW), "ma 08:05");
        assert_eq!(ENGLISH.moment(yesterday, NOW), "8 Mar 08:05");
        assert_eq!(HUNGARIAN.moment(last_month, NOW), "febr. 9. 08:05");
        assert_eq!(ENGLISH.moment(last_year, NOW), "9 Mar 2025 08:05");
        assert_eq!(HUNGARIAN.moment(last_year, NOW), "2025. márc. 9. 08:05");
    }

    #[test]
    fn a_month_that_does_not_exist_is_shown_as_unknown() {
        for month in [0, 13, u8::MAX] {
            assert_eq!(ENGLISH.day(LocalTime { month, ..NOW }), "9 ?");
        }
    }

    #[test]
    fn durations_are_seconds_and_then_whole_minutes() {
        for (seconds, english, magyar) in [
            (0, "0 seconds", "0 másodperc"),
            (1, "1 second", "1 másodperc"),
            (40, "40 seconds", "40 másodperc"),
            (59, "59 seconds", "59 másodperc"),
            (60, "1 minute", "1 perc"),
            (89, "1 minute", "1 perc"),
            (90, "2 minutes", "2 perc"),
            (180, "3 minutes", "3 perc"),
        ] {
            assert_eq!(ENGLISH.duration(seconds), english);
            assert_eq!(HUNGARIAN.duration(seconds), magyar);
        }
    }

    #[test]
    fn the_longest_duration_is_still_a_duration() {
        let minutes = u64::MAX / 60;
        assert_eq!(ENGLISH.duration(u64::MAX), format!("{minutes} minutes"));
    }

    #[test]
    fn a_hungarian_duration_takes_its_ending() {
        for (seconds, words) in [(40, "40 másodpercet késik"), (180, "3 percet késik")] {
            let duration = HUNGARIAN.duration(seconds);
            let text = HUNGARIAN.fill(Message::ClockSlow, &[("duration", &duration)]);
            assert!(text.contains(words), "{text}");
        }
    }
}
