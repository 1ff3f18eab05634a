//! Recovery codes: printed, each good for one login without the app.

use crate::flows::{says_yes, tell_indented};
use crate::id::Id;
use crate::messages::{Message, Texts};
use crate::paper::{PaperCode, PaperKind};
use crate::ports::{DialogError, Host, Replaced, Trouble, World};
use crate::record::{Record, RecoveryCode};

/// Offers `count` new recovery codes to the owner of `record`, whose account is Live and whose
/// record has just been stored. Whether they are taken changes nothing else.
///
/// The codes are stored before they are shown: whoever sees them can use them.
///
/// # Errors
/// When something of ours does not work; the record is then as it was.
pub fn offer(
    world: &mut World<'_>,
    texts: Texts,
    site: &str,
    record: &Record,
    count: usize,
) -> Result<(), Trouble> {
    let number = count.to_string();
    let question = texts.fill(Message::RecoveryQuestion, &[("count", &number)]);
    // Whoever stops answering has answered: no.
    if count == 0 || !says_yes(world.dialog, &question).unwrap_or(false) {
        return Ok(());
    }
    let account = &record.account;
    let stored = world.store.load(account)?.record;
    let Some(mut next) = stored.filter(|stored| !stored.is_rebound(record)) else {
        let _ = world.dialog.tell(&texts.say(Message::Changed));
        return Ok(());
    };
    let revision = next.revision;
    let codes = renew(&mut next, count, world.host)?;
    // Whatever became of the account while the person thought about it stands.
    match world.store.amend(account, revision, &next)? {
        Replaced::Done => {
            // They are stored, and on this one page or nowhere.
            let _ = show(world, texts, site, &account.name, &codes);
        }
        Replaced::Conflict => {
            let _ = world.dialog.tell(&texts.say(Message::Changed));
        }
    }
    Ok(())
}

/// Gives `record` so many new recovery codes in place of those it has.
///
/// # Errors
/// When there is no chance to be had.
pub(super) fn renew(
    record: &mut Record,
    count: usize,
    host: &dyn Host,
) -> Result<Vec<PaperCode>, Trouble> {
    record.recovery.clear();
    record.scratch.clear();
    let mut codes = Vec::with_capacity(count);
    for _ in 0..count {
        let code = PaperCode::mint(PaperKind::Recovery, host)?;
        record.recovery.push(RecoveryCode {
            id: Id::mint(host)?,
            hash: code.hash(host)?,
        });
        codes.push(code);
    }
    Ok(codes)
}

fn show(
    world: &mut World<'_>,
    texts: Texts,
    site: &str,
    user: &str,
    codes: &[PaperCode],
) -> Result<(), DialogError> {
    world.dialog.clear()?;
    let heading = texts.fill(Message::RecoveryPage, &[("user", user), ("site", site)]);
    world.dialog.tell(&format!("{heading}\n"))?;
    for code in codes {
        tell_indented(world.dialog, &code.text())?;
    }
    world.dialog.tell("")?;
    world.dialog.ask_shown(&texts.say(Message::RecoverySaved))?;
    world.dialog.clear()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Language;
    use crate::ports::Store;
    use crate::record::Status;
    use crate::testing::{FakeHost, MemoryStore, NOON, Person, PlainPasswords, anna, record_of};

    const ENGLISH: Texts = Texts {
        language: Language::English,
        unicode: true,
    };

    fn offered(store: &MemoryStore, just_stored: &Record, answers: &[&str]) -> Vec<String> {
        let mut person = Person::who_types(answers);
        let mut world = World {
            store,
            passwords: &PlainPasswords::default(),
            host: &FakeHost::at(NOON),
            dialog: &mut person,
        };
        offer(&mut world, ENGLISH, "server1", just_stored, 10).unwrap();
        person.heard
    }

    fn stored() -> (MemoryStore, Record) {
        let record = record_of(anna());
        (MemoryStore::with(record.clone(), Status::Live), record)
    }

    #[test]
    fn a_yes_stores_and_shows_ten_different_codes() {
        let (store, record) = stored();
        let heard = offered(&store, &record, &["y", ""]);
        let mut shown: Vec<_> = heard
            .iter()
            .filter(|text| text.starts_with("    "))
            .map(|text| PaperCode::parse(text.trim()).unwrap())
            .collect();
        assert_eq!(shown.len(), 10);
        let held = store.load(&anna()).unwrap().record.unwrap().recovery;
        assert_eq!(held.len(), 10);
        for known in &held {
            let at = shown.iter().position(|code| code.matches(&known.hash));
            assert_eq!(shown.remove(at.unwrap()).kind(), PaperKind::Recovery);
        }
    }

    #[test]
    fn anything_but_a_yes_changes_nothing() {
        for answers in [&[][..], &[""], &["n"]] {
            let (store, record) = stored();
            let _ = offered(&store, &record, answers);
            assert_eq!(store.writes.get(), 0, "{answers:?}");
        }
    }

    #[test]
    fn a_record_that_changed_meanwhile_gets_no_codes() {
        let (store, mut record) = stored();
        record.tokens[0].id = Id::from_bytes([8; 16]);
        let heard = offered(&store, &record, &["y"]);
        assert_eq!(store.writes.get(), 0);
        assert_eq!(heard.last(), Some(&ENGLISH.say(Message::Changed)));
    }
}
