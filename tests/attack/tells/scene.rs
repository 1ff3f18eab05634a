//! Accounts in each standing that a login is refused for, and how long their refusals take.

use std::collections::BTreeMap;
use std::fs;

use kapu_tests::{
    HostProcess, NESTED, PASSWORD, SECRET, Site, moment_with, sealed_anew, together, unsealed,
    wrapper_module, wrong_code,
};

use crate::load::beside;

/// Wrong codes that an account may get before it is throttled.
const FREE: usize = 3;
/// Accounts in each standing that lasts.
const STANDING: usize = 8;

/// `PAM_AUTH_ERR`. What a machine is too busy to judge has another code.
const AUTH_ERR: u64 = 7;
/// One login of so many may not be judged; its time is not compared.
const ONE_IN: usize = 500;

/// Prefix of those who log in beside the measured ones.
const OTHER: &str = "o";

/// Why a login is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Unknown,
    Unenrolled,
    WrongPassword,
    WrongCode,
    Throttled,
    Disabled,
    Revoked,
}

impl Kind {
    pub(crate) const ALL: [Self; 7] = [
        Self::Unknown,
        Self::Unenrolled,
        Self::WrongPassword,
        Self::WrongCode,
        Self::Throttled,
        Self::Disabled,
        Self::Revoked,
    ];

    /// The kinds of the four pairs that the short form looks at.
    pub(crate) const FIRST: [Self; 5] = [
        Self::WrongCode,
        Self::Unknown,
        Self::Unenrolled,
        Self::WrongPassword,
        Self::Throttled,
    ];

    const fn prefix(self) -> &'static str {
        match self {
            Self::Unknown => "nobody",
            Self::Unenrolled => "n",
            Self::WrongPassword => "p",
            Self::WrongCode => "c",
            Self::Throttled => "t",
            Self::Disabled => "d",
            Self::Revoked => "r",
        }
    }

    const fn is_enrolled(self) -> bool {
        !matches!(self, Self::Unknown | Self::Unenrolled)
    }
}

/// A site with accounts of each of these kinds: so many of those that a login changes.
pub(crate) struct Scene {
    pub(crate) site: Site,
    pub(crate) kinds: Vec<Kind>,
    fresh: usize,
    others: Vec<String>,
}

impl Scene {
    /// Beside them so many others, for whom the site must have the rule [`EXEMPT`](crate::load::EXEMPT).
    pub(crate) fn of(site: Site, kinds: &[Kind], samples: usize, others: usize) -> Self {
        let scene = Self {
            site,
            kinds: kinds.to_vec(),
            fresh: samples.div_ceil(FREE),
            others: (0..others)
                .map(|number| format!("{OTHER}{number}"))
                .collect(),
        };
        let names: Vec<(Kind, String)> = kinds
            .iter()
            .flat_map(|kind| (0..scene.count(*kind)).map(|number| (*kind, name(*kind, number))))
            .collect();
        scene.introduce(&names);
        let enrolled: Vec<&(Kind, String)> = names
            .iter()
            .filter(|(kind, _)| kind.is_enrolled())
            .collect();
        for batch in enrolled.chunks(16) {
            together(batch, |(kind, name)| scene.enroll(*kind, name));
        }
        together(&scene.others, |name| scene.enroll_anew(name));
        scene
    }

    /// Accounts of this kind.
    const fn count(&self, kind: Kind) -> usize {
        match kind {
            Kind::WrongCode => self.fresh,
            Kind::Unknown => 0,
            _ => STANDING,
        }
    }

    /// Makes the directory service and the nested rules know everybody.
    fn introduce(&self, names: &[(Kind, String)]) {
        let names = names.iter().map(|(_, name)| name).chain(&self.others);
        let accounts: Vec<(&String, u32)> = names.clone().zip(4001..).collect();
        self.site.know(&accounts);
        let passwords: String = names
            .map(|name| format!("{name}:{PASSWORD}:{NESTED}\n"))
            .collect();
        let file = self.site.write("passwords", &passwords);
        let module = wrapper_module("pam_matrix.so");
        let rule = format!(
            "auth required {} passdb={}",
            module.display(),
            file.display()
        );
        self.site.service(NESTED, &[&rule]);
    }

    fn is_of_the_system(&self) -> bool {
        let configuration = fs::read_to_string(self.site.configuration()).expect("text");
        configuration.contains("\"system\"")
    }

    fn enroll_anew(&self, name: &str) {
        if self.is_of_the_system() {
            self.site.enroll_without_password(name);
        } else {
            self.site.enroll(name);
        }
    }

    fn enroll(&self, kind: Kind, name: &str) {
        self.enroll_anew(name);
        let change: fn(&str) -> String = match kind {
            Kind::Throttled => |text| closed_for_hours(text),
            Kind::Disabled => |text| text.replacen("\"live\"", "\"disabled\"", 1),
            Kind::Revoked => |text| {
                let (before, from) = text.split_once("[[record.tokens]]").expect("a token");
                let (_, after) = from.split_once("[state]").expect("a state");
                let text = format!("{before}[state]{after}");
                text.replacen("\"live\"", "\"revoked\"", 1)
            },
            _ => return,
        };
        let document = self.site.document_of(name);
        let text = fs::read_to_string(&document).expect("a document");
        let changed = sealed_anew(&self.site, &change(unsealed(&text)));
        fs::write(document, changed).expect("it is ours");
    }

    /// The line for pam-host of the sample of this number.
    pub(crate) fn line(&self, kind: Kind, number: usize, wrong: &str) -> String {
        let name = match self.count(kind) {
            0 => name(kind, number),
            count => name(kind, number % count),
        };
        let password = match kind {
            Kind::WrongPassword => "eight green lanterns",
            _ => PASSWORD,
        };
        format!("kapu-test\t{name}\t{password}\t{wrong}\n")
    }

    /// Durations in microseconds of so many samples of each kind, all mixed, so many at once, while
    /// the others log in.
    pub(crate) fn samples(&self, samples: usize, at_once: usize) -> BTreeMap<Kind, Vec<u64>> {
        let wrong = wrong_code(SECRET, moment_with(1));
        let mut scripts = vec![(String::new(), Vec::new()); at_once];
        let mut logins: Vec<(Kind, usize)> = (0..samples)
            .flat_map(|number| self.kinds.iter().map(move |kind| (*kind, number)))
            .collect();
        shuffle(&mut logins);
        for (place, (kind, number)) in logins.into_iter().enumerate() {
            let (script, order) = &mut scripts[place % at_once];
            script.push_str(&self.line(kind, number, &wrong));
            order.push(kind);
        }
        let measure = || {
            let numbered: Vec<(usize, &String)> = scripts
                .iter()
                .map(|(script, _)| script)
                .enumerate()
                .collect();
            together(&numbered, |(number, script)| {
                // Of one address no more than one login at a time waits for its hash.
                let mut host = HostProcess::start(&self.site, &[&address(*number)]);
                host.tell(script);
                host.printed()
            })
        };
        let printed = match &self.others[..] {
            [] => measure(),
            others => beside(&self.site, others, measure),
        };
        let mut found: BTreeMap<Kind, Vec<u64>> = BTreeMap::new();
        let mut not_judged = 0;
        for (text, (_, order)) in printed.iter().zip(&scripts) {
            assert_eq!(text.lines().count(), order.len());
            for (line, kind) in text.lines().zip(order) {
                let numbers: Vec<u64> = line
                    .split(' ')
                    .map(|n| n.parse().expect("a number"))
                    .collect();
                assert_ne!(numbers[0], 0, "{kind:?} was let in");
                if numbers[0] == AUTH_ERR {
                    found.entry(*kind).or_default().push(numbers[5]);
                } else {
                    not_judged += 1;
                }
            }
        }
        if not_judged > 0 {
            println!("not judged: {:?}", self.unavailable());
        }
        let all = samples * self.kinds.len();
        assert!(
            not_judged * ONE_IN <= all,
            "{not_judged} of {all} were not judged"
        );
        found
    }

    /// What the log says of logins that were not judged.
    fn unavailable(&self) -> Vec<String> {
        let log = fs::read_to_string(self.site.path().join("log-of-host")).unwrap_or_default();
        let lines = log
            .lines()
            .filter(|line| line.contains("result=unavailable"));
        lines.map(str::to_owned).collect()
    }
}

/// By chance, the same one in each run: in turns, each kind would always stand beside the same others.
fn shuffle<T>(these: &mut [T]) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for end in (1..these.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let place = usize::try_from(state >> 16).expect("48 bits") % (end + 1);
        these.swap(end, place);
    }
}

/// Where the logins of the process of this number come from (RFC 5737).
fn address(number: usize) -> String {
    format!("198.51.100.{}", number + 1)
}

pub(crate) fn name(kind: Kind, number: usize) -> String {
    format!("{}{number}", kind.prefix())
}

/// The document after so many wrong codes that no book opens for hours.
fn closed_for_hours(text: &str) -> String {
    let now = moment_with(0);
    let mut in_a_book = false;
    let lines = text.lines().map(|line| {
        if line.starts_with('[') {
            in_a_book = line.contains("throttle");
        }
        match line.split_once(" = ") {
            Some(("failures", _)) if in_a_book => "failures = 13\n".to_owned(),
            Some(("last", _)) if in_a_book => format!("last = {now}\n"),
            _ => format!("{line}\n"),
        }
    });
    lines.collect()
}
