//! The store in real directories.

use super::*;
use crate::seal::HostKey;
use kapu_core::record::{CodeShape, PasswordHash, Token};
use kapu_core::secret::Secret;
use std::fs;
use std::os::unix::fs::PermissionsExt;

mod scene;
use scene::*;

#[test]
fn an_account_nobody_enrolled_is_never() {
    let scene = Scene::new();
    let snapshot = scene.store().load(&anna()).unwrap();
    assert!(snapshot.record.is_none());
    assert_eq!(snapshot.state, State::new(Status::Never));
}

#[test]
fn what_was_written_is_read_again() {
    let scene = Scene::new();
    let store = scene.store();
    let done = store.replace(&anna(), Revision::ABSENT, &record(), Status::Live);
    assert_eq!(done, Ok(Replaced::Done));
    let snapshot = store.load(&anna()).unwrap();
    let read = snapshot.record.unwrap();
    assert!(read.tokens[0].key.same_as(&record().tokens[0].key));
    assert_eq!(snapshot.state.status, Status::Live);
    assert_ne!(read.revision, record().revision);
}
