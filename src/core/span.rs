//! Spans of time as people write them: so many hours (`12h`) or days (`5d`).

use std::time::Duration;

/// Seconds of an hour.
const HOUR: u64 = 60 * 60;
/// Seconds of a day.
pub const DAY: u64 = 24 * HOUR;

/// Reads `12h` or `5d`: more than nothing, and at most `longest`.
#[must_use]
pub fn parse(text: &str, longest: Duration) -> Option<Duration> {
    let (number, unit) = text
        .strip_suffix('h')
        .map(|number| (number, HOUR))
        .or_else(|| text.strip_suffix('d').map(|number| (number, DAY)))?;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.parse::<u32>().ok().filter(|_| is_number)?;
    let span = Duration::from_secs(unit).checked_mul(number)?;
    (!span.is_zero() && span <= longest).then_some(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_and_days_are_read_up_to_the_longest_and_nothing_else_is() {
        let longest = Duration::from_secs(30 * DAY);
        assert_eq!(parse("12h", longest), Some(Duration::from_secs(43_200)));
        assert_eq!(parse("30d", longest), Some(longest));
        for text in [
            "",
            "d",
            "0d",
            "31d",
            "721h",
            "5",
            "5w",
            "-1d",
            "+1d",
            "5 d",
            "99999999999d",
            "é",
        ] {
            assert_eq!(parse(text, longest), None, "{text}");
        }
    }
}
