//! The page of recipes, read for the commands that stand in it.

use std::fs;

use crate::machine::own;

/// The heading of commands for an sshd that knows no PAMServiceName.
const OLDER: &str = "OpenSSH before 9.8";
/// The heading of those for one that does.
const NEWER: &str = "OpenSSH 9.8 or newer";
/// The heading of commands whose output stands below them.
const LOOK: &str = "Look";

/// One section of conf/recipes/README.md: its blocks of code in their order, each with its
/// language and the line that stands above it.
#[derive(Debug)]
pub(crate) struct Recipe {
    blocks: Vec<Block>,
}

#[derive(Debug)]
struct Block {
    above: String,
    language: String,
    text: String,
}

impl Recipe {
    /// The section with this heading.
    ///
    /// # Panics
    /// When there is none, or no block of code in it.
    pub(crate) fn of(heading: &str) -> Self {
        let page = fs::read_to_string(own("conf/recipes/README.md")).expect("the page of recipes");
        let section = page
            .split("\n## ")
            .find_map(|section| section.strip_prefix(heading)?.strip_prefix('\n'))
            .unwrap_or_else(|| panic!("there is no recipe {heading}"));
        let mut blocks = Vec::new();
        let mut above = String::new();
        let mut lines = section.lines();
        while let Some(line) = lines.next() {
            if let Some(language) = line.strip_prefix("```") {
                let text = lines.by_ref().take_while(|line| *line != "```");
                blocks.push(Block {
                    above: above.clone(),
                    language: language.to_owned(),
                    text: text.map(|line| format!("{line}\n")).collect(),
                });
            } else if !line.is_empty() {
                line.clone_into(&mut above);
            }
        }
        assert!(!blocks.is_empty(), "{heading} has no commands");
        Self { blocks }
    }

    /// What is to be run, in its order.
    pub(crate) fn commands(&self, knows_service_name: bool) -> impl Iterator<Item = &str> {
        let other = if knows_service_name { OLDER } else { NEWER };
        self.blocks
            .iter()
            .filter(|block| block.language == "sh" && !block.above.starts_with(LOOK))
            .filter(move |block| !block.above.starts_with(other))
            .map(|block| block.text.as_str())
    }

    /// What is to be looked at, and what is to be seen.
    pub(crate) fn looks(&self) -> impl Iterator<Item = (&str, &str)> {
        self.blocks.windows(2).filter_map(|pair| match pair {
            [look, seen] if look.above.starts_with(LOOK) && look.language == "sh" => {
                assert_eq!(seen.language, "text", "what is to be seen follows");
                Some((look.text.as_str(), seen.text.as_str()))
            }
            _ => None,
        })
    }
}
