//! The document of an account: reading never panics nor quotes, and what can be read can be
//! written and read again.
#![no_main]

use kapu_core::document::{Document, Seal, SealContext};
use kapu_core::ports::{Trouble, TroubleKind};
use kapu_core::secret::Secret;
use libfuzzer_sys::fuzz_target;

/// What stands in the inputs where a document holds a secret.
const SECRET: &str = "Seven7Lanterns";

/// A seal that opens nothing.
struct Nothing;

/// A seal that opens everything: what was sealed is its own plain text.
struct Anything;

impl Seal for Nothing {
    fn for_writing(&self) -> Result<Box<dyn Seal + '_>, Trouble> {
        Ok(Box::new(Self))
    }

    fn seal(&self, _: &SealContext<'_>, _: &Secret) -> Result<String, Trouble> {
        Err(Trouble::new(TroubleKind::HostKey, "no key"))
    }

    fn open(&self, _: &SealContext<'_>, _: &str) -> Result<Secret, Trouble> {
        Err(Trouble::new(TroubleKind::HostKey, "no key"))
    }
}

impl Seal for Anything {
    fn for_writing(&self) -> Result<Box<dyn Seal + '_>, Trouble> {
        Ok(Box::new(Self))
    }

    fn seal(&self, _: &SealContext<'_>, plain: &Secret) -> Result<String, Trouble> {
        // The digest of a document is no text, and nobody looks at it.
        Ok(plain.expose_text().unwrap_or_default().to_owned())
    }

    fn open(&self, _: &SealContext<'_>, sealed: &str) -> Result<Secret, Trouble> {
        Ok(Secret::copy_of(sealed.as_bytes()))
    }

    fn vouches(&self, _: &SealContext<'_>, _: &str, _: &Secret) -> Result<bool, Trouble> {
        Ok(true)
    }
}

fuzz_target!(|text: &str| {
    let owner = match Document::owner(text) {
        Ok(owner) => owner,
        Err(trouble) => return assert_quiet(&trouble),
    };
    if let Err(trouble) = Document::parse(text, &owner, &Nothing) {
        assert_quiet(&trouble);
    }
    let document = match Document::parse(text, &owner, &Anything) {
        Ok(document) => document,
        Err(trouble) => return assert_quiet(&trouble),
    };
    let printed = document
        .print(&Anything)
        .expect("what was read can be written");
    let again = Document::parse(&printed, &owner, &Anything).expect("and read again");
    assert_eq!(again.print(&Anything).expect("and written again"), printed);
    assert_eq!(again.state(), document.state());
    assert_eq!(again.revision(), document.revision());
});

fn assert_quiet(trouble: &Trouble) {
    assert!(!trouble.to_string().contains(SECRET), "{trouble}");
}
