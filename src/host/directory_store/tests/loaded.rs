//! An update after a load: what was stored between is what is judged.

use std::rc::Rc;

use super::scene::NOW;
use super::*;

/// A seal that counts what it opens.
struct Counting {
    key: HostKey,
    opened: Rc<Cell<usize>>,
}

impl Seal for Counting {
    fn for_writing(&self) -> Result<Box<dyn Seal + '_>, Trouble> {
        self.key.for_writing()
    }

    fn seal(&self, context: &SealContext<'_>, plain: &Secret) -> Result<String, Trouble> {
        self.key.seal(context, plain)
    }

    fn open(&self, context: &SealContext<'_>, sealed: &str) -> Result<Secret, Trouble> {
        self.opened.set(self.opened.get() + 1);
        self.key.open(context, sealed)
    }
}

/// A store of the scene that has loaded anna's document, and how much it opened for that.
fn loaded(scene: &Scene) -> (DirectoryStore, Rc<Cell<usize>>) {
    let opened = Rc::new(Cell::new(0));
    let seal = Counting {
        key: HostKey::load(&scene.scratch.path().join("host.key"), own_uid()).unwrap(),
        opened: Rc::clone(&opened),
    };
    let store = DirectoryStore::new(scene.accounts(), own_uid(), Box::new(seal), || NOW).unwrap();
    store.load(&anna()).unwrap();
    (store, opened)
}

/// The snapshot that the next update judges.
fn judged(store: &DirectoryStore) -> Snapshot {
    let mut seen = None;
    store
        .update(&anna(), &mut |snapshot| {
            seen = Some(snapshot.clone());
            None
        })
        .unwrap();
    seen.unwrap()
}

#[test]
fn what_nobody_has_touched_is_not_opened_twice() {
    let scene = Scene::enrolled();
    let (store, opened) = loaded(&scene);
    let once = opened.get();
    count_up(&store).unwrap();
    assert_eq!(opened.get(), once);
    assert_eq!(count(&scene), 1);
    // What was loaded serves once: the document is another by now.
    count_up(&store).unwrap();
    assert_eq!(opened.get(), 2 * once);
    assert_eq!(count(&scene), 2);
}

#[test]
fn what_somebody_wrote_meanwhile_is_judged() {
    let scene = Scene::enrolled();
    let (store, _) = loaded(&scene);
    count_up(&scene.store()).unwrap();
    assert_eq!(judged(&store).state.throttle.units, 1);
}

#[test]
fn an_account_that_was_forgotten_and_made_anew_is_judged_as_it_is_now() {
    let scene = Scene::enrolled();
    let (store, _) = loaded(&scene);
    let before = scene.load().unwrap().revision();
    scene.store().forget("anna").unwrap();
    let made = scene
        .store()
        .replace(&anna(), Revision::ABSENT, &record(), Status::Live);
    assert_eq!(made, Ok(Replaced::Done));
    assert_ne!(judged(&store).revision(), before);

    let (store, _) = loaded(&scene);
    scene.store().forget("anna").unwrap();
    assert!(judged(&store).record.is_none());
}

#[test]
fn a_byte_that_changed_meanwhile_is_seen() {
    let scene = Scene::enrolled();
    let (store, _) = loaded(&scene);
    let text = fs::read_to_string(scene.document()).unwrap();
    fs::write(scene.document(), text.replace("phone", "fhone")).unwrap();
    let trouble = count_up(&store).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::StoreRead);
}

#[test]
fn what_was_loaded_of_one_account_is_no_other_accounts() {
    let scene = Scene::enrolled();
    let done = scene
        .store()
        .replace(&bela(), Revision::ABSENT, &record_of(&bela()), Status::Live);
    assert_eq!(done, Ok(Replaced::Done));
    let (store, _) = loaded(&scene);
    count_up(&scene.store()).unwrap();
    store.load(&bela()).unwrap();
    assert_eq!(judged(&store).state.throttle.units, 1);
}
