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
        self.folded(match self.language {
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
        self.folded(match self.language {
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

    fn folded(&self, text: String) -> String {
        if self.unicode {
            text
        } else {
            super::fold::to_ascii(&text)
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
