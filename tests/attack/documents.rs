//! What is in a file: every kind of nonsense, cut at any byte, changed at any byte, another account's,
//! an older one. In place of the account's document, the configuration and the host key.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use kapu_tests::{
    Attempt, Outcome, PASSWORD, PERIOD, SECRET, Site, code_at, effort, moment_with, together,
    unsealed, wrong_code,
};

/// Logins at once: each is mostly waiting for its beat.
const AT_ONCE: usize = 48;
/// Of a file's bytes, one in so many is cut at and changed in the short form. Odd: each bit has its
/// turn.
const STRIDE: usize = 11;
/// Seconds of a batch of logins.
const ONE_BATCH: u64 = 8;
/// KiB that a login may have in memory, whatever lies in its way: see attack/answers.rs.
const MOST_MEMORY: u64 = 36 * 1024;
/// Bytes of what is no document but a disk's worth of nothing.
const HUGE: u64 = 100 * 1024 * 1024;

/// Whose file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Document,
    Configuration,
    HostKey,
}

impl Place {
    const ALL: [Self; 3] = [Self::Document, Self::Configuration, Self::HostKey];

    fn of(self, site: &Site) -> PathBuf {
        match self {
            Self::Document => site.document_of(site.user()),
            Self::Configuration => site.configuration(),
            Self::HostKey => site.host_key(),
        }
    }
}

/// Writes a file that may be read alone, and sees that its mode stays.
fn put(path: &Path, content: &[u8]) {
    let mode = fs::metadata(path).expect("it is there").permissions();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("it is ours");
    fs::write(path, content).expect("it is ours");
    fs::set_permissions(path, mode).expect("it is ours");
}

/// Nonsense of every kind.
fn nonsense(good: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: &str| text.as_bytes().to_vec();
    let deep = |one: &str| format!("x = {}", one.repeat(100_000 / 8));
    let lines = |ending: &[u8]| {
        good.split(|byte| *byte == b'\n')
            .collect::<Vec<_>>()
            .join(ending)
    };
    vec![
        ("nothing", Vec::new()),
        ("deep arrays", text(&deep("[[[[[[[["))),
        ("deep tables", text(&format!("[{}a]", "a.".repeat(20_000)))),
        ("deep inline tables", text(&deep("{a={a="))),
        ("a zero byte", [good, b"\0"].concat()),
        ("zero bytes", vec![0; good.len()]),
        ("not UTF-8", [good, b"# \xff\xfe\n"].concat()),
        ("UTF-16", good.iter().flat_map(|byte| [*byte, 0]).collect()),
        ("a carriage return alone", lines(b"\r")),
        ("twice", [good, good].concat()),
        ("JSON", text("{\"format\": 1}")),
        ("one endless line", vec![b'a'; 60_000]),
    ]
}

/// What is wrong with a login over such a file, if anything.
fn fault_of(outcome: &Outcome, file: &Path) -> Option<String> {
    let found = |what: &str| Some(format!("{what}: {outcome:?}"));
    if outcome.code() != "PAM_AUTHINFO_UNAVAIL" {
        return found("not unavailable");
    }
    if outcome.log.len() != 1 || !outcome.decision().text.is_ascii() {
        return found("not one clear line");
    }
    let name = file.file_name().expect("a name").to_string_lossy();
    if !outcome.decision().text.contains(&*name) {
        return found("the file is not named");
    }
    (outcome.peak > MOST_MEMORY).then(|| format!("too much memory: {}", outcome.peak))
}

/// A login with the right password and the right code.
fn right_login(site: &Site) -> Attempt<'_> {
    let code = code_at(SECRET, moment_with(4));
    site.attempt().answers([PASSWORD, &code])
}

#[test]
fn nonsense_of_every_kind_refuses_and_the_log_names_the_file() {
    let found = together(&Place::ALL, |&place| {
        let site = Site::enrolled();
        let file = place.of(&site);
        let good = fs::read(&file).expect("the good one");
        let mut found = Vec::new();
        for (kind, content) in nonsense(&good) {
            // Empty is a configuration, too: that of every default. And a line may end in a return.
            let is_fine = match place {
                Place::Document => false,
                Place::Configuration => kind == "nothing",
                Place::HostKey => kind == "a carriage return alone",
            };
            if !is_fine {
                put(&file, &content);
                let fault = fault_of(&right_login(&site).run(), &file);
                found.extend(fault.map(|fault| format!("{place:?}, {kind}: {fault}")));
            }
        }
        found
    });
    assert_eq!(found.concat(), [""; 0]);
}

/// Files of a hundred megabytes: what a login over them took, where it was too much.
fn swallowed(site: &Site) -> Vec<String> {
    site.enroll(site.user());
    let mut found = Vec::new();
    for place in Place::ALL {
        let file = place.of(site);
        let good = fs::read(&file).expect("the good one");
        put(&file, b"");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("it is ours");
        fs::File::options()
            .write(true)
            .open(&file)
            .and_then(|huge| huge.set_len(HUGE))
            .expect("a file with a hole in it");
        if place == Place::HostKey {
            fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).expect("it is ours");
        }
        found.extend(fault_of(&right_login(site).run(), &file));
        put(&file, &good);
    }
    found
}

#[test]
fn a_huge_file_is_not_read() {
    assert_eq!(swallowed(&Site::new()), [""; 0]);
}

#[test]
fn without_the_cap_a_huge_file_is_read() {
    assert!(!swallowed(&Site::weakened("endless-file", "")).is_empty());
}

/// Accounts of a directory service, each enrolled.
fn crowd(site: &Site) -> Vec<String> {
    let names: Vec<String> = (0..AT_ONCE).map(|number| format!("u{number}")).collect();
    let accounts: Vec<(&String, u32)> = names.iter().zip(2001..).collect();
    site.know(&accounts);
    for name in &names {
        site.enroll(name);
    }
    names
}

/// A document with something changed.
type Change = (String, fn(&[u8], usize) -> Vec<u8>, usize);

fn cut(good: &[u8], place: usize) -> Vec<u8> {
    good[..place].to_vec()
}

fn flipped(good: &[u8], bit: usize) -> Vec<u8> {
    let mut bytes = good.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

/// The changes of which some are tried: cut at every byte, and every bit changed.
fn changes(length: usize) -> Vec<Change> {
    let stride = effort(STRIDE, 1);
    let bits = effort(1, 8);
    let cuts = (0..length)
        .step_by(stride)
        .map(|place| (format!("cut at {place}"), cut as _, place));
    let flips = (0..length).step_by(stride).flat_map(|place| {
        // Another bit at each place.
        (0..bits).map(move |bit| {
            let bit = 8 * place + (bit + place) % 8;
            (format!("bit {bit}"), flipped as _, bit)
        })
    });
    cuts.chain(flips).collect()
}

/// Whether nothing but the case of the last line's digits differs.
fn is_same_seal(changed: &[u8], good: &[u8]) -> bool {
    let colon = good.iter().rposition(|byte| *byte == b':');
    let digits = colon.expect("a sealed document");
    changed.get(..digits) == good.get(..digits) && changed.eq_ignore_ascii_case(good)
}

#[test]
fn a_document_cut_or_changed_anywhere_lets_nobody_in() {
    let site = Site::new();
    let names = crowd(&site);
    let documents: Vec<PathBuf> = names.iter().map(|name| site.document_of(name)).collect();
    let goods: Vec<Vec<u8>> = documents
        .iter()
        .map(|file| fs::read(file).expect("a document"))
        .collect();
    let length = goods.iter().map(Vec::len).min().expect("documents");
    let mut found = Vec::new();
    for batch in changes(length).chunks(AT_ONCE) {
        let code = code_at(SECRET, moment_with(ONE_BATCH));
        let cases: Vec<usize> = (0..batch.len()).collect();
        let faults = together(&cases, |&number| {
            let (what, change, place) = &batch[number];
            let (file, good) = (&documents[number], &goods[number]);
            put(file, &change(good, *place));
            let attempt = site.attempt().user(&names[number]);
            let outcome = attempt.answers([PASSWORD, &code]).run();
            put(file, good);
            // The case of the last line's own digits is all the same.
            if is_same_seal(&change(good, *place), good) {
                return None;
            }
            fault_of(&outcome, file).map(|fault| format!("{what}: {fault}"))
        });
        found.extend(faults.into_iter().flatten());
    }
    assert_eq!(found, [""; 0]);
    // And the good ones are good.
    let code = code_at(SECRET, moment_with(ONE_BATCH));
    let outcomes = together(&names, |name| {
        site.attempt().user(name).answers([PASSWORD, &code]).run()
    });
    assert!(outcomes.iter().all(Outcome::is_accepted));
}

#[test]
fn a_configuration_or_a_key_changed_anywhere_opens_nothing_to_a_wrong_code() {
    let site = Site::enrolled();
    let wrong = wrong_code(SECRET, moment_with(1));
    let mut cases = Vec::new();
    for place in [Place::Configuration, Place::HostKey] {
        let good = fs::read(place.of(&site)).expect("the good one");
        for (what, change, at) in changes(good.len()) {
            cases.push((place, what, change(&good, at)));
        }
    }
    let configuration = fs::read_to_string(site.configuration()).expect("text");
    let found = together(&cases, |(place, what, content)| {
        // A configuration of its own, with the changed file in it.
        let name = format!("{place:?}-{what}").replace(' ', "-").to_lowercase();
        let file = site.write(&name, "");
        fs::write(&file, content).expect("it is ours");
        let configuration = match place {
            Place::Configuration => file,
            _ => {
                fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).expect("ours");
                let (old, new) = (site.host_key(), file);
                let text = configuration.replace(
                    old.to_str().expect("a plain path"),
                    new.to_str().expect("a plain path"),
                );
                site.write(&format!("{name}.toml"), &text)
            }
        };
        let module = kapu_tests::module().display().to_string();
        let rule = format!("auth required {module} config={}", configuration.display());
        site.service(&name, &[&rule]);
        let attempt = site.attempt().service(&name);
        let outcome = attempt.answers([PASSWORD, &wrong]).run();
        let is_one_line = outcome.log.iter().filter(|line| line.is_decision()).count() == 1;
        (outcome.is_accepted() || !is_one_line).then(|| format!("{name}: {outcome:?}"))
    });
    assert_eq!(found.into_iter().flatten().collect::<Vec<_>>(), [""; 0]);
}

/// Logs in, lowers what the document says of it by single bits, and comes again with the same code:
/// the changes that let it in.
fn replayed(site: &Site) -> Vec<String> {
    site.enroll(site.user());
    let code = code_at(SECRET, moment_with(ONE_BATCH));
    site.log_in(PASSWORD, &code).assert_accepted();
    let file = site.document_of(site.user());
    let good = fs::read_to_string(&file).expect("a document");
    let mut found = Vec::new();
    for (start, _) in good.match_indices("step = ") {
        let digits = start + "step = ".len();
        let end = digits + good[digits..].find('\n').expect("a line end");
        for place in digits..end {
            let mut changed = good.clone().into_bytes();
            if changed[place] == b'0' {
                continue;
            }
            changed[place] -= 1;
            put(&file, &changed);
            if site.log_in(PASSWORD, &code).is_accepted() {
                found.push(format!(
                    "{start}: {}",
                    String::from_utf8_lossy(&changed[digits..end])
                ));
                // The one that is enough; the step may be over soon.
                return found;
            }
        }
    }
    found
}

/// What of anna's record opens bela's account, once it lies there under bela's name.
fn moved_in(site: &Site) -> bool {
    site.know(&[("anna", 2001), ("bela", 2002)]);
    site.enroll("anna");
    let anna = site.document_of("anna");
    let text = fs::read_to_string(&anna).expect("a document");
    let directory = site.store().join("bela.2002");
    fs::create_dir(&directory).expect("a directory");
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).expect("ours");
    let renamed = text.replace("\"anna\"", "\"bela\"").replace("2001", "2002");
    for content in [text.as_str(), &renamed, unsealed(&renamed)] {
        let file = directory.join("account.toml");
        fs::write(&file, content).expect("ours");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("ours");
        let code = code_at(SECRET, moment_with(4));
        let outcome = site.attempt().user("bela").answers([PASSWORD, &code]).run();
        if outcome.is_accepted() {
            return true;
        }
        assert_eq!(outcome.code(), "PAM_AUTHINFO_UNAVAIL", "{outcome:?}");
    }
    false
}

#[test]
fn a_counter_that_a_hand_or_a_disk_has_lowered_opens_nothing() {
    assert_eq!(replayed(&Site::new()), [""; 0]);
}

#[test]
fn a_record_moved_to_another_account_opens_nothing() {
    assert!(!moved_in(&Site::new()));
}

#[test]
fn where_nobody_vouches_for_a_document_a_changed_one_or_a_moved_one_opens() {
    assert!(!replayed(&Site::weakened("unsealed-document", "")).is_empty());
    assert!(moved_in(&Site::weakened("unsealed-document", "")));
}

#[test]
fn an_older_document_put_back_is_made_safe_by_its_adoption() {
    let site = Site::enrolled();
    let file = site.document_of(site.user());
    let older = fs::read(&file).expect("a document");
    let now = moment_with(3 * ONE_BATCH);
    let code = code_at(SECRET, now);
    site.log_in(PASSWORD, &code).assert_accepted();
    // A backup knows nothing of what came after it: this is why there is kapu adopt.
    put(&file, &older);
    let adopted = site.kapu(&["adopt", site.user()], "");
    assert!(adopted.status.success(), "{adopted:?}");
    site.log_in(PASSWORD, &code).assert_refused("replay");
    let next = code_at(SECRET, now + PERIOD);
    site.log_in(PASSWORD, &next).assert_accepted();
    // Without it the spent code works once more.
    put(&file, &older);
    site.log_in(PASSWORD, &code).assert_accepted();
}
