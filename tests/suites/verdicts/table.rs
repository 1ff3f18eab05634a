//! The table as Markdown.

use std::fmt::Write as _;

use crate::case::{Answer, Case, Standing, Verdict};
use crate::mode::FirstFactor;

const INTRODUCTION: &str = "\
# Verdicts

What becomes of every login, as the built module answered it through libpam. Written by
`KAPU_BLESS=1 sh tests/run.sh verdicts`, compared at each `sh tests/run.sh verdicts`: do not edit.

A row is an account and what was typed as its password, a column what was typed as its code. A field is
the reason in the log, and leads to the second table: what PAM and the person were told.
*throttled* means that no code is compared at the moment; *either* that it makes no difference.
";

/// Verdicts that differ in anything, with the names they have in the table.
struct Names(Vec<(String, Verdict)>);

impl Names {
    /// The name of a verdict. What has the same reason as another is told apart by a mark.
    fn of(&mut self, verdict: &Verdict) -> String {
        if let Some((name, _)) = self.0.iter().find(|(_, known)| known == verdict) {
            return name.clone();
        }
        let mut name = match verdict.pam.as_str() {
            "PAM_SUCCESS" if verdict.reason != "accept" => {
                format!("**accept**, {}", verdict.reason)
            }
            "PAM_SUCCESS" => "**accept**".to_owned(),
            _ => verdict.reason.clone(),
        };
        while self.0.iter().any(|(known, _)| *known == name) {
            name.push('′');
        }
        self.0.push((name.clone(), verdict.clone()));
        name
    }
}

/// The section of the committed table under this heading.
pub(crate) fn section<'a>(table: &'a str, heading: &str) -> Option<&'a str> {
    let (_, section) = bounds(table, heading)?;
    Some(section)
}

/// The table with this section in place of its old one, or at its end.
pub(crate) fn with_section(table: &str, heading: &str, section: &str) -> String {
    match bounds(table, heading) {
        Some((start, old)) => {
            let (before, rest) = table.split_at(start);
            format!("{before}{section}{}", &rest[old.len()..])
        }
        None if table.is_empty() => format!("{INTRODUCTION}{section}"),
        None => format!("{table}{section}"),
    }
}

/// Where a section starts, and the section.
fn bounds<'a>(table: &'a str, heading: &str) -> Option<(usize, &'a str)> {
    let start = table.find(&format!("\n## {heading}\n"))?;
    let section = &table[start..];
    let end = section[1..]
        .find("\n## ")
        .map_or(section.len(), |end| end + 1);
    Some((start, &section[..end]))
}

/// The tables of one mode.
pub(crate) fn of_mode(heading: &str, verdicts: &[(Case, Verdict)]) -> String {
    let mut names = Names(Vec::new());
    let columns: Vec<_> = Answer::ALL.iter().map(|answer| answer.words()).collect();
    let mut text = format!(
        "\n## {heading}\n\n| account | password | throttled | {} |\n|{}\n",
        columns.join(" | "),
        "---|".repeat(3 + columns.len())
    );
    for row in merged(rows(verdicts, &mut names)) {
        let _ = writeln!(
            text,
            "| {} | {} |",
            row.head.join(" | "),
            row.fields.join(" | ")
        );
    }
    text + &legend(&names.0)
}

/// One line of the first table.
struct Row {
    head: [&'static str; 3],
    fields: Vec<String>,
}

fn rows(verdicts: &[(Case, Verdict)], names: &mut Names) -> Vec<Row> {
    verdicts
        .chunks(Answer::ALL.len())
        .map(|row| {
            let case = row[0].0;
            let password = match (case.first_factor, case.password_is_right) {
                (FirstFactor::Password, true) => "right",
                (FirstFactor::Password, false) => "wrong",
                (FirstFactor::Key | FirstFactor::Unproven, _) => "",
            };
            Row {
                head: [
                    case.standing.words(),
                    password,
                    match (case.standing, case.throttled) {
                        (Standing::Unknown | Standing::NoDocument, _) => "",
                        (_, true) => "yes",
                        (_, false) => "no",
                    },
                ],
                fields: row.iter().map(|(_, verdict)| names.of(verdict)).collect(),
            }
        })
        .collect()
}

/// Rows that differ in nothing but the throttle, or the password, become one.
fn merged(rows: Vec<Row>) -> Vec<Row> {
    let mut rows = rows;
    for column in [2, 1] {
        let mut kept: Vec<Row> = Vec::new();
        for row in rows {
            match kept.last_mut() {
                Some(last) if differ_only_in(column, last, &row) => last.head[column] = "either",
                _ => kept.push(row),
            }
        }
        rows = kept;
    }
    rows
}

fn differ_only_in(column: usize, one: &Row, other: &Row) -> bool {
    let heads = one.head.iter().zip(&other.head).enumerate();
    one.fields == other.fields
        && heads
            .into_iter()
            .all(|(index, (one, other))| (index == column) != (one == other))
}

/// The second table: what each verdict is.
fn legend(verdicts: &[(String, Verdict)]) -> String {
    let mut said: Vec<&str> = Vec::new();
    let mut lines = String::new();
    for (name, verdict) in verdicts {
        let texts: Vec<_> = verdict
            .texts
            .iter()
            .map(|text| {
                let known = said.iter().position(|known| known == text);
                let number = known.unwrap_or_else(|| {
                    said.push(text);
                    said.len() - 1
                });
                (number + 1).to_string()
            })
            .collect();
        let log: Vec<_> = verdict.log.iter().map(|line| format!("`{line}`")).collect();
        let stored = match (verdict.written, verdict.units) {
            (false, _) => "nothing".to_owned(),
            (true, 0) => "yes".to_owned(),
            (true, units) => format!("yes, {units} units"),
        };
        let _ = writeln!(
            lines,
            "| {name} | {} | {} | {} | {stored} |",
            verdict.pam,
            log.join("<br>"),
            texts.join(", ")
        );
    }
    let mut text =
        format!("\n| field | PAM | log | text | stored |\n|---|---|---|---|---|\n{lines}");
    for (number, words) in (1..).zip(said) {
        let words = words
            .strip_prefix("info ")
            .unwrap_or(words)
            .replace("\\n", "\n");
        let _ = write!(
            text,
            "\nText {number}:\n\n```\n{}\n```\n",
            words.trim_matches('\n')
        );
    }
    text
}
