//! What kapu.toml(5) and the example say of the keys is what the code does.

use super::{BOUNDS, EXAMPLE, RULES, every_key};
use crate::config::Config;

const MANUAL: &str = include_str!("../../../../man/kapu.toml.5");
const OF_THE_MODULE: &str = include_str!("../../../../man/pam_kapu.8");

/// One key, as a text presents it.
struct Item {
    section: String,
    /// `window = 1`; without a default the key alone.
    line: String,
    /// What is said of it, and perhaps of its neighbours.
    says: String,
}

/// A line of mdoc(7) as it is read.
fn plain(line: &str) -> String {
    line.replace("\\-", "-").replace("\\(dq", "\"")
}

/// The items of the manual.
fn manual() -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut section = String::new();
    // The items that the text to come is about.
    let mut about = 0;
    for line in MANUAL.lines().map(plain) {
        if let Some(name) = line.strip_prefix(".Ss [") {
            section = name.trim_matches(['[', ']']).to_owned();
        } else if line.starts_with(".Sh ") || line.starts_with(".Ss ") {
            section.clear();
        } else if let Some(key) = line.strip_prefix(".It Ic ").filter(|_| !section.is_empty()) {
            about = if items.last().is_some_and(|item| item.says.is_empty()) {
                about
            } else {
                items.len()
            };
            items.push(Item {
                section: section.clone(),
                line: key.to_owned(),
                says: String::new(),
            });
        } else if !section.is_empty() {
            for item in items.iter_mut().skip(about) {
                item.says.push_str(&line);
                item.says.push(' ');
            }
        }
    }
    items
}

/// The items of the example: remarks, then keys with a mark and no blank.
fn example() -> Vec<Item> {
    let mut items = Vec::new();
    let mut section = String::new();
    let mut says = String::new();
    for line in EXAMPLE.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
        } else if let Some(remark) = line.strip_prefix("# ") {
            says.push_str(remark);
            says.push(' ');
        } else if let Some(key) = line.strip_prefix('#').filter(|key| key.contains(" = ")) {
            items.push(Item {
                section: section.clone(),
                line: key.to_owned(),
                says: says.clone(),
            });
        } else {
            says.clear();
        }
    }
    items
}

#[test]
fn the_manual_has_every_key_with_its_default_and_no_other() {
    let read = |items: Vec<Item>| -> Vec<(String, String)> {
        let line = |item: Item| (item.section, item.line);
        items.into_iter().map(line).collect()
    };
    let (rules, settings): (Vec<_>, Vec<_>) = read(manual())
        .into_iter()
        .partition(|(section, _)| section == "rule");
    // That the example shows what the code does is tested beside it.
    assert_eq!(settings, read(example()));
    assert_eq!(settings.len(), every_key().len());
    let mut keys: Vec<&str> = rules.iter().map(|(_, key)| key.as_str()).collect();
    let mut expected: Vec<&str> = RULES
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, _)| key)
        .collect();
    keys.sort_unstable();
    expected.sort_unstable();
    expected.dedup();
    assert_eq!(keys, expected);
}

/// A text without what stands in brackets.
fn without_asides(text: &str) -> String {
    let mut parts = text.split('(');
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        rest.push_str(part.split_once(')').map_or("", |(_, behind)| behind));
    }
    rest.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn manual_and_example_tell_the_bounds_of_every_number() {
    for items in [manual(), example()] {
        for (section, key, low, high) in BOUNDS {
            let begin = format!("{key} = ");
            let is_it = |item: &&Item| item.section == section && item.line.starts_with(&begin);
            let item = items.iter().find(is_it).unwrap();
            let says = without_asides(&item.says);
            let bounds = ["to", "or"].map(|word| format!("{low} {word} {high}"));
            assert!(
                bounds.iter().any(|bounds| says.contains(bounds)),
                "[{section}] {key}: {low} to {high}: {says}"
            );
        }
    }
}

#[test]
fn every_number_has_its_bounds_tested() {
    let numbers = example().into_iter().filter(|item| {
        let value = item.line.split_once(" = ").unwrap().1;
        value.parse::<i64>().is_ok()
    });
    assert_eq!(numbers.count(), BOUNDS.len());
}

#[test]
fn the_manuals_show_configurations_that_are_read() {
    let mut count = 0;
    for page in [MANUAL, OF_THE_MODULE].map(plain) {
        let blocks = page.split("\n.Bd -literal -offset indent\n").skip(1);
        let blocks = blocks.map(|block| block.split("\n.Ed").next().unwrap());
        for block in blocks.filter(|block| block.starts_with('[')) {
            assert!(Config::parse(block).is_ok(), "{block}");
            count += 1;
        }
    }
    assert_eq!(count, 5);
}
