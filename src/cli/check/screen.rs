//! What was found, as a page and as JSON.

use std::path::Path;

use kapu_core::check::{Finding, Gravity, Told};
use kapu_core::messages::{Message, Texts, Topic};
use serde::Serialize;

use super::{Examination, InForce, Reason, Skipped};
use crate::context::{Context, name_of};
use crate::failure::Failure;
use crate::output;

/// Columns of the number of a finding, and of what stands left of its words.
const NUMBER: usize = 3;
const LABEL: usize = 9;

/// As `kapu check --json` prints it.
#[derive(Serialize)]
struct Report<'a> {
    /// The path of the configuration.
    config: String,
    /// What of it is in force.
    in_force: InForce,
    /// Records in the store, where they were looked at.
    records: Option<usize>,
    findings: Vec<Told>,
    skipped: &'a [Skipped],
}

pub(super) fn json(context: &Context, file: &Path, found: &Examination) -> Result<String, Failure> {
    output::json(&Report {
        config: file.display().to_string(),
        in_force: found.in_force,
        records: found.records,
        findings: told(context, file, found).map(Told::in_lines).collect(),
        skipped: &found.skipped,
    })
}

pub(super) fn page(context: &Context, file: &Path, found: &Examination) -> String {
    let texts = &context.texts;
    let mut blocks: Vec<_> = heading(texts, found).into_iter().collect();
    let findings = told(context, file, found).enumerate();
    blocks.extend(findings.map(|(index, told)| block(texts, index + 1, &told)));
    let mut ending = vec![summary(texts, found)];
    ending.extend(
        Reason::ALL
            .iter()
            .filter_map(|reason| skipped(context, found, *reason)),
    );
    blocks.push(ending.join("\n"));
    blocks.join("\n\n")
}

fn told<'a>(
    context: &'a Context,
    file: &Path,
    found: &'a Examination,
) -> impl Iterator<Item = Told> + 'a {
    let file = file.display().to_string();
    let findings = found.findings.iter();
    findings.map(move |finding| finding.told(&context.texts, &file))
}

/// What is well.
fn heading(texts: &Texts, found: &Examination) -> Option<String> {
    let config = match found.in_force {
        InForce::File => Some(texts.say(Message::CheckConfig)),
        InForce::Defaults => Some(texts.say(Message::CheckDefaults)),
        InForce::Nothing => None,
    };
    let is_spoilt = |finding: &Finding| finding.topic == Topic::RecordsUnreadable;
    let is_well = !found.findings.iter().any(is_spoilt);
    let store = found.records.filter(|_| is_well).map(|count| {
        let count = count.to_string();
        texts.fill(Message::CheckStore, &[("count", &count)])
    });
    let parts: Vec<_> = [config, store].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn block(texts: &Texts, number: usize, told: &Told) -> String {
    let gravity = texts.say(told.gravity.message());
    let mut lines = format!("{number:<NUMBER$}{gravity:<LABEL$}{}", indented(&told.what));
    for (label, text) in [
        (Message::LabelWhere, &told.place),
        (Message::LabelWhy, &told.why),
        (Message::LabelFix, &told.fix),
    ] {
        let label = texts.say(label);
        lines.push_str(&format!(
            "\n{:NUMBER$}{label:<LABEL$}{}",
            "",
            indented(text)
        ));
    }
    lines
}

/// The lines of a text under each other.
fn indented(text: &str) -> String {
    text.replace('\n', &format!("\n{}", " ".repeat(NUMBER + LABEL)))
}

/// How many there are of each gravity.
fn summary(texts: &Texts, found: &Examination) -> String {
    let of = |gravity: &Gravity| {
        let findings = found.findings.iter();
        let count = findings
            .filter(|finding| finding.gravity == *gravity)
            .count();
        let word = texts.say(gravity.message()).to_lowercase();
        (count > 0).then(|| format!("{count} {word}"))
    };
    let list: Vec<_> = Gravity::ALL.iter().filter_map(of).collect();
    let count = found.findings.len().to_string();
    let values = [("count", count.as_str()), ("list", &list.join(", "))];
    match found.findings.len() {
        0 => texts.say(Message::CheckNone),
        1 => texts.fill(Message::CheckOne, &values),
        _ => texts.fill(Message::CheckSome, &values),
    }
}

/// What was not looked at for this reason.
fn skipped(context: &Context, found: &Examination, reason: Reason) -> Option<String> {
    let texts = &context.texts;
    let skipped = found
        .skipped
        .iter()
        .filter(|skipped| skipped.reason == reason);
    let list: Vec<_> = skipped
        .map(|skipped| texts.say(skipped.check.message()))
        .collect();
    let owner = name_of(context.store_owner());
    let values = [("list", list.join(", ")), ("owner", owner)];
    let values = values
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    (!list.is_empty()).then(|| texts.fill(reason.message(), &values))
}
