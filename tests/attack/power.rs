//! A power cut: the disk holds what was synced, and of what was not any part.
//!
//! A login is traced, and what it does to its account's directory is replayed on a model of a
//! disk: for every moment, and for every choice of the unsynced operations that may have reached
//! the disk, the document must be the old one or the new one, whole; once the answer was heard, the
//! new one. Every directory that can so be left is then made, and the module must cope with it.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use kapu_tests::{Call, Flow, Site, own_calls, traced};

/// The document.
const DOCUMENT: &str = "\"account.toml\"";
/// What takes its place.
const SUCCESSOR: &str = "\"account.toml.new\"";

/// What a login does to the disk, and when it is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The successor gets its name.
    Create,
    /// So many bytes are written to it.
    Write(usize),
    /// It is synced.
    SyncFile,
    /// It takes the document's name.
    Rename,
    /// The directory is synced.
    SyncDirectory,
    /// The application hears the answer.
    Answer,
}

impl Step {
    /// What a call of the trace is, if anything of this.
    fn of(call: &Call) -> Option<Self> {
        let (name, text) = (call.name.as_str(), call.text.as_str());
        let result = text.rsplit(" = ").next()?.parse::<usize>().ok();
        let opened = call.opened.as_deref().unwrap_or_default();
        let is_successor = opened.contains(SUCCESSOR);
        match name {
            "write" if text.contains("result auth") => Some(Self::Answer),
            "openat" if text.contains(SUCCESSOR) && text.contains("O_CREAT") => Some(Self::Create),
            "write" | "pwrite64" if is_successor => result.map(Self::Write),
            "fsync" | "fdatasync" if is_successor => Some(Self::SyncFile),
            "fsync" if opened.contains("O_DIRECTORY") => Some(Self::SyncDirectory),
            "rename" | "renameat" | "renameat2" if text.contains(DOCUMENT) => Some(Self::Rename),
            _ => None,
        }
    }

    /// Whether a sync makes this step durable.
    fn is_kept_by(self, sync: Self) -> bool {
        match self {
            Self::Create | Self::Rename => sync == Self::SyncDirectory,
            Self::Write(_) => sync == Self::SyncFile,
            _ => false,
        }
    }
}

/// What the account's directory holds after a cut.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Left {
    document: Vec<u8>,
    successor: Option<Vec<u8>>,
}

/// One login: its steps, and the document before and after it.
struct Story {
    /// Its site, for as long as the story is told.
    _site: Site,
    /// A login with the code that is right at the time of the story.
    again: Command,
    path: PathBuf,
    steps: Vec<Step>,
    old: Vec<u8>,
    new: Vec<u8>,
}

impl Story {
    fn of(site: Site, flow: Flow) -> Self {
        flow.prepare(&site);
        let documents = site.documents();
        let (path, old) = documents.first_key_value().expect("one document");
        let (again, _) = Flow::Login.command(&site);
        let command = match flow {
            Flow::Login => &again,
            _ => &flow.command(&site).0,
        };
        let trace = site.path().join("trace");
        let output = traced(command, &trace, None).output().expect("strace runs");
        assert!(output.status.success(), "{output:?}");
        let steps = own_calls(&trace).iter().filter_map(Step::of).collect();
        let new = fs::read(path).expect("the new document");
        Self {
            path: path.clone(),
            old: old.clone(),
            steps,
            new,
            again,
            _site: site,
        }
    }

    /// Every directory that a cut after these steps can leave.
    fn left_after(&self, done: &[Step]) -> BTreeSet<Left> {
        let mut all = BTreeSet::new();
        for choice in 0..1 << done.len() {
            // Of bytes that were not synced the first half may be there without the rest.
            for part in [1, 2] {
                let survived = |place: usize| {
                    let is_synced = |sync: &Step| done[place].is_kept_by(*sync);
                    done[place + 1..].iter().any(is_synced) || choice & (1 << place) != 0
                };
                all.insert(self.left(done, survived, part));
            }
        }
        all
    }

    fn left(&self, done: &[Step], survived: impl Fn(usize) -> bool, part: usize) -> Left {
        let mut bytes = Vec::new();
        let mut written = 0;
        let (mut has_name, mut is_renamed) = (false, false);
        for (place, step) in done.iter().enumerate() {
            let is_there = survived(place);
            match step {
                Step::Create => has_name |= is_there,
                Step::Rename => is_renamed |= is_there,
                Step::Write(count) => {
                    let is_synced = done[place + 1..].contains(&Step::SyncFile);
                    let kept = if is_synced { *count } else { count / part };
                    let end = if is_there { written + kept } else { written };
                    bytes.extend_from_slice(&self.new[written..end]);
                    written += count;
                }
                Step::SyncFile | Step::SyncDirectory | Step::Answer => {}
            }
        }
        match is_renamed {
            true => Left {
                document: bytes,
                successor: None,
            },
            false => Left {
                document: self.old.clone(),
                successor: has_name.then_some(bytes),
            },
        }
    }

    /// Everything that a cut at any moment can leave, and what of it is wrong.
    fn cuts(&self) -> (BTreeSet<Left>, Vec<String>) {
        let (mut all, mut wrong) = (BTreeSet::new(), Vec::new());
        for count in 0..=self.steps.len() {
            let done = &self.steps[..count];
            let heard = done.contains(&Step::Answer);
            for left in self.left_after(done) {
                let is_old = left.document == self.old;
                if left.document != self.new && !is_old {
                    wrong.push(format!("torn after {done:?}"));
                } else if heard && is_old {
                    wrong.push(format!("heard and lost after {done:?}"));
                }
                all.insert(left);
            }
        }
        (all, wrong)
    }

    /// Makes a directory as it was left, and logs in with the same right code: whether that is let
    /// in.
    fn goes_on(&mut self, left: &Left) -> bool {
        let successor = self.path.with_extension("toml.new");
        let _ = fs::remove_file(&successor);
        put(&self.path, &left.document);
        if let Some(bytes) = &left.successor {
            put(&successor, bytes);
        }
        let output = self.again.output().expect("pam-try runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).contains("result auth PAM_SUCCESS")
    }
}

fn put(path: &Path, bytes: &[u8]) {
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .expect("a file of the account");
}

#[test]
fn after_a_power_cut_a_step_that_was_accepted_is_spent() {
    let mut story = Story::of(Site::new(), Flow::Login);
    let (all, wrong) = story.cuts();
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!("{:?}: {} directories", story.steps, all.len());
    assert!(all.len() > 2, "a cut leaves the successor, too: {all:?}");
    for left in all {
        let is_unspent = left.document == story.old;
        assert_eq!(story.goes_on(&left), is_unspent, "{left:?}");
    }
}

#[test]
fn after_a_power_cut_a_wrong_code_that_was_refused_is_charged() {
    let mut story = Story::of(Site::new(), Flow::WrongCode);
    let (all, wrong) = story.cuts();
    assert!(wrong.is_empty(), "{wrong:#?}");
    for left in all {
        assert!(story.goes_on(&left), "{left:?}");
    }
}

#[test]
fn unsynced_a_document_is_torn_and_an_accepted_step_is_lost() {
    let story = Story::of(Site::weakened("unsynced", ""), Flow::Login);
    let (_, wrong) = story.cuts();
    for what in ["torn", "heard and lost"] {
        assert!(wrong.iter().any(|one| one.contains(what)), "{wrong:#?}");
    }
}
