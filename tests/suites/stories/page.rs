//! The page: what people saw, with whatever differs from run to run replaced by something of its kind.

use kapu_tests::{LogLine, Screen};

/// What stands for a code of the app.
const SHOWN_CODE: &str = "482913";
/// What stands for a code on paper.
const PAPER: &str = "K7QM-2XJ4-9DVT-HN3B-6F0W";
/// What stands for one group of it that was typed.
const GROUP: &str = "9DVT";
/// What stands for a key.
const KEY: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
/// What stands for a time of the day.
const TIME: &str = "14:03";
/// What stands for a day, where one is told with a time.
const DAY: &str = "16 Jan";
/// Where the people come from (RFC 5737).
const ADDRESS: &str = "192.0.2.4";
/// Letters of a key in base32.
const KEY_LETTERS: usize = 32;

/// The stories, as Markdown.
pub(crate) struct Page {
    text: String,
    /// Real user names, and who they are called here.
    people: Vec<(String, &'static str)>,
}

impl Page {
    pub(crate) fn new(opening: &str) -> Self {
        Self {
            text: format!("{opening}\n"),
            people: Vec::new(),
        }
    }

    /// From here on the account `user` is called `name`.
    pub(crate) fn call(&mut self, user: &str, name: &'static str) {
        self.people.retain(|(known, _)| known != user);
        self.people.push((user.to_owned(), name));
    }

    pub(crate) fn heading(&mut self, heading: &str) {
        self.text.push_str(&format!("\n## {heading}\n"));
    }

    pub(crate) fn say(&mut self, words: &str) {
        self.text.push_str(&format!("\n{words}\n"));
    }

    /// A command of the administrator and what it said.
    pub(crate) fn command(&mut self, command: &str, output: &str) {
        let shown = format!("# {command}\n{}", output.trim_end());
        self.block(&shown);
    }

    /// A command at a terminal, and what stood there at its end, from these words on.
    pub(crate) fn terminal(&mut self, command: &str, from: &str, screen: &Screen) {
        let text = screen.text();
        let shown = text.rfind(from).and_then(|at| text.get(at..));
        let shown = shown.unwrap_or_default();
        self.block(&format!("# {command}\n{shown}"));
    }

    /// What an ssh client showed from the first question on, after the command that began it.
    pub(crate) fn ssh(&mut self, user: &str, screen: &Screen) {
        let text = screen.text();
        let from = text.find(&format!("({user}@")).unwrap_or_default();
        let shown = text.get(from..).unwrap_or_default();
        self.block(&format!("$ ssh {user}@127.0.0.1\n{shown}"));
    }

    /// The lines of the log.
    pub(crate) fn log(&mut self, lines: &[LogLine]) {
        let lines: Vec<&str> = lines
            .iter()
            .map(|line| line.text.split_once("event=").map_or("", |(_, from)| from))
            .collect();
        let lines: Vec<String> = lines.iter().map(|line| format!("event={line}")).collect();
        self.say("In the log:");
        self.block(&lines.join("\n"));
    }

    pub(crate) fn text(&self) -> String {
        self.text.clone()
    }

    fn block(&mut self, shown: &str) {
        let masked = self.masked(shown);
        self.text.push_str(&format!("\n```\n{masked}\n```\n"));
    }

    fn masked(&self, shown: &str) -> String {
        let mut rows: Vec<String> = Vec::new();
        let mut is_address = false;
        for row in shown.lines() {
            // An address goes on over the rows that the terminal has broken it into.
            if is_address && !row.is_empty() {
                if let Some(last) = rows.last_mut() {
                    last.push_str(row);
                }
                continue;
            }
            is_address = row.starts_with("otpauth://");
            rows.push(row.to_owned());
        }
        let rows: Vec<String> = rows.iter().map(|row| self.masked_row(row)).collect();
        rows.join("\n")
    }

    fn masked_row(&self, row: &str) -> String {
        let row = row.replace("@127.0.0.1", "@server1");
        let row = row.replace("127.0.0.1", ADDRESS);
        let mut masked = String::new();
        let mut rest = row.as_str();
        while let Some(first) = rest.chars().next() {
            let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
            let length = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
            if length == 0 {
                masked.push(first);
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
                continue;
            }
            let (word, after) = rest.split_at(length);
            masked.push_str(&self.masked_word(word, &masked, after));
            rest = after;
        }
        mask_moments(&mask_times(&mask_key_groups(&masked)))
    }

    fn masked_word(&self, word: &str, before: &str, after: &str) -> String {
        if let Some((_, name)) = self.people.iter().find(|(user, _)| user == word) {
            return (*name).to_owned();
        }
        let groups: Vec<&str> = word.split('-').collect();
        if groups.len() == 5 && groups.iter().all(|group| group.len() == 4) {
            return PAPER.to_owned();
        }
        if before.ends_with("secret=") && word.len() == KEY_LETTERS {
            return KEY.to_owned();
        }
        if before.ends_with("Type its ") {
            return "third".to_owned();
        }
        if before.ends_with("(or all of it): ") {
            return GROUP.to_owned();
        }
        if before.ends_with("Code: ") && word.len() == SHOWN_CODE.len() {
            return SHOWN_CODE.to_owned();
        }
        if before.ends_with("seconds=") {
            return "94".to_owned();
        }
        if after.starts_with(" days left") {
            return "12".to_owned();
        }
        word.to_owned()
    }
}

/// A row of a key in groups of four.
fn mask_key_groups(row: &str) -> String {
    let groups: Vec<&str> = row.split_whitespace().collect();
    let is_group = |group: &&str| {
        let in_base32 = |byte: u8| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte);
        group.len() == 4 && group.bytes().all(in_base32)
    };
    if groups.len() * 4 != KEY_LETTERS || !groups.iter().all(is_group) {
        return row.to_owned();
    }
    let indent = row.len() - row.trim_start().len();
    let key: Vec<&str> = (0..KEY_LETTERS / 4)
        .filter_map(|group| KEY.get(4 * group..4 * group + 4))
        .collect();
    format!("{:indent$}{}", "", key.join(" "))
}

/// Times of the day.
fn mask_times(row: &str) -> String {
    let bytes = row.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_time = |at: usize| {
        digit(at)
            && digit(at + 1)
            && bytes.get(at + 2) == Some(&b':')
            && digit(at + 3)
            && digit(at + 4)
    };
    let mut masked = String::new();
    let mut at = 0;
    while let Some(letter) = row.get(at..).and_then(|rest| rest.chars().next()) {
        if is_time(at) {
            masked.push_str(TIME);
            at += TIME.len();
        } else {
            masked.push(letter);
            at += letter.len_utf8();
        }
    }
    masked
}

/// The days before times: that of an invitation, and those in brackets, which were today when it was told.
fn mask_moments(row: &str) -> String {
    let masked = match row.split_once("good once until ") {
        Some((before, _)) => format!("{before}good once until {DAY} {TIME}:"),
        None => row.to_owned(),
    };
    let told = masked.split_once(" (").and_then(|(before, told)| {
        let (_, after) = told.split_once(TIME)?;
        Some(format!("{before} (today {TIME}{after}"))
    });
    told.unwrap_or(masked)
}
