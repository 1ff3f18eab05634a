//! docs/logging.md as a list of what a line of the log may say. Shared by the suites, which hold
//! every line they see against it, and by the unit tests of the words.

use std::collections::BTreeMap;

/// The page.
const PAGE: &str = include_str!("../../docs/logging.md");
/// What ends a line of the program, whatever it is about.
const ACTOR: [&str; 3] = ["uid", "loginuid", "sudo-user"];

/// What the page says.
#[derive(Debug)]
pub struct LogPage {
    /// The keys of each event, in their order.
    pub events: BTreeMap<&'static str, Vec<&'static str>>,
    /// The words that the value of a key may be; none where it may be anything.
    pub keys: BTreeMap<&'static str, Vec<&'static str>>,
    /// The words of `reason` where a login is refused.
    pub refusals: Vec<&'static str>,
    /// Those where it is unavailable.
    pub troubles: Vec<&'static str>,
}

impl LogPage {
    /// Reads it.
    #[must_use]
    pub fn read() -> Self {
        let first = |row: Vec<Vec<&'static str>>| row.into_iter().next().unwrap_or_default();
        let reasons = |head| rows(head).into_iter().flat_map(first).collect();
        let mut events = BTreeMap::new();
        for row in rows("| event |") {
            for event in &row[0] {
                events.insert(*event, row[1].clone());
            }
        }
        let mut keys = BTreeMap::new();
        for row in rows("| key |") {
            for key in &row[0] {
                keys.insert(*key, row[1].clone());
            }
        }
        Self {
            events,
            keys,
            refusals: reasons("| with `refuse` |"),
            troubles: reasons("| with `unavailable` |"),
        }
    }

    /// What in a line is not as the page says; `None` where all is.
    #[must_use]
    pub fn objection(&self, line: &str) -> Option<String> {
        let mut pairs = line.split(' ').filter_map(|pair| pair.split_once('='));
        let Some(("event", event)) = pairs.next() else {
            return Some("it does not begin with an event".to_owned());
        };
        let Some(order) = self.events.get(event) else {
            return Some(format!("there is no event {event}"));
        };
        let mut order = order.iter().chain(&ACTOR);
        for (key, value) in pairs {
            if !order.any(|known| *known == key) {
                return Some(format!("{event} has no {key}, or not there"));
            }
            let is_reason = key == "reason"
                && (self.refusals.contains(&value) || self.troubles.contains(&value));
            let words = self.keys.get(key).map_or(&[][..], Vec::as_slice);
            let is_free = words.is_empty() && key != "reason";
            if !is_free && !is_reason && !words.contains(&value) {
                return Some(format!("{key} is never {value}"));
            }
        }
        None
    }
}

/// The rows of the table whose head begins so: of each column the words in backticks.
fn rows(head: &str) -> Vec<Vec<Vec<&'static str>>> {
    PAGE.lines()
        .skip_while(|line| !line.starts_with(head))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.split('|').skip(1).map(in_backticks).collect())
        .collect()
}

fn in_backticks(text: &'static str) -> Vec<&'static str> {
    text.split('`').skip(1).step_by(2).collect()
}
