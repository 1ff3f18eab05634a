//! The host key: what seals the secrets in the documents, so that a copy of the accounts, a
//! backup or a stolen disk image of `/var` alone is no use.
//!
//! XChaCha20-Poly1305 with a random nonce: 192 bits are enough to draw nonces blindly for ever.
//!
//! A login holds the keys that it read at its beginning while a person types, and meanwhile
//! [`rotation`] may put others in their place. So a key that is not known is looked for in the
//! file again, and a document is sealed with the key that stands first in the file then.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use kapu_core::digest::sha256;
use kapu_core::document::{Seal, SealContext};
use kapu_core::hex;
use kapu_core::ports::{Trouble, TroubleKind};
use kapu_core::secret::Secret;
use zeroize::Zeroizing;

use crate::checked_open::{NOT_WRITABLE_BY_OTHERS, PRIVATE, split};
use crate::held_dir::{HeldDir, Known};
use crate::{random, stack};

mod key_file;
pub mod rotation;

/// Longest key file in bytes.
const MAX_FILE: usize = 16 * 1024;
/// Most keys in it.
const MAX_KEYS: usize = 64;
/// Hexadecimal digits of a key's name.
const ID_DIGITS: usize = 16;
/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// Bytes of a nonce.
const NONCE_BYTES: usize = 24;
/// Bytes that sealing adds to a text.
const TAG_BYTES: usize = 16;
/// How a sealed text begins.
const VERSION: &str = "v1";

/// The keys of this host.
pub struct HostKey {
    /// Never empty; the first one seals, each one opens.
    keys: Vec<Key>,
    file: Arc<KeyFile>,
}

/// Where the keys are.
struct KeyFile {
    dir: HeldDir,
    name: OsString,
    path: PathBuf,
}

struct Key {
    id: String,
    bytes: Secret,
}

impl HostKey {
    /// Reads the keys from the file at `path`, which only root or `owner` may read.
    ///
    /// # Errors
    /// [`TroubleKind::HostKey`], where there is no file too.
    pub fn load(path: &Path, owner: u32) -> Result<Self, Trouble> {
        Self::load_beside(path, owner, None)
    }

    /// As [`load`](Self::load), beside a directory that is open already.
    pub(crate) fn load_beside(
        path: &Path,
        owner: u32,
        known: Option<&Known>,
    ) -> Result<Self, Trouble> {
        KeyFile::at(path, owner, known).and_then(Self::read)
    }

    fn read(file: Arc<KeyFile>) -> Result<Self, Trouble> {
        let bytes = file
            .dir
            .get()
            .and_then(|dir| dir.file(&file.name, PRIVATE)?.read(MAX_FILE))
            .map_err(|error| error.trouble(TroubleKind::HostKey))?;
        let keys =
            parse(&bytes).map_err(|fault| trouble(format!("{}: {fault}", file.path.display())))?;
        Ok(Self { keys, file })
    }

    /// Makes a key and writes it to a new file at `path`, with mode 0400.
    ///
    /// Two processes may try at once: one of them makes the file. A process that is killed
    /// leaves no half of a key at `path`.
    ///
    /// # Errors
    /// [`TroubleKind::HostKey`], where there is a file already too;
    /// [`TroubleKind::Random`].
    pub fn make(path: &Path, owner: u32) -> Result<Self, Trouble> {
        let key = Key::mint()?;
        key_file::create(path, owner, &key).map_err(|error| error.trouble(TroubleKind::HostKey))?;
        Ok(Self {
            keys: vec![key],
            file: KeyFile::at(path, owner, None)?,
        })
    }

    /// How many keys there are besides the one that seals.
    #[must_use]
    pub fn spare(&self) -> usize {
        self.keys.len().saturating_sub(1)
    }

    /// A secret of this host for another `purpose`, from which nobody can tell the key. It is
    /// another one when the host key is.
    pub(crate) fn secret_for(&self, purpose: &str) -> Result<Secret, Trouble> {
        let secret = self.digest_for(purpose);
        stack::scrub();
        secret
    }

    /// In a frame of its own, which is overwritten: the digest is moved about with the key in it.
    #[inline(never)]
    fn digest_for(&self, purpose: &str) -> Result<Secret, Trouble> {
        let key = self.keys.first().ok_or_else(|| trouble("no key"))?;
        let digest = sha256(&[key.bytes.expose(), purpose.as_bytes()]);
        Ok(Secret::copy_of(digest.as_slice()))
    }

    /// What the key file holds now.
    fn again(&self) -> Result<Self, Trouble> {
        Self::read(Arc::clone(&self.file))
    }

    fn find(&self, id: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.id == id)
    }
}

impl KeyFile {
    fn at(path: &Path, owner: u32, known: Option<&Known>) -> Result<Arc<Self>, Trouble> {
        let (dir, name) = split(path).map_err(|error| error.trouble(TroubleKind::HostKey))?;
        Ok(Arc::new(Self {
            dir: HeldDir::new(dir, owner, NOT_WRITABLE_BY_OTHERS).known_as(known),
            name: name.to_owned(),
            path: path.to_owned(),
        }))
    }
}

impl Seal for HostKey {
    fn for_writing(&self) -> Result<Box<dyn Seal + '_>, Trouble> {
        Ok(Box::new(self.again()?))
    }

    fn seal(&self, context: &SealContext<'_>, plain: &Secret) -> Result<String, Trouble> {
        let key = self.keys.first().ok_or_else(|| trouble("no key"))?;
        let nonce = random::bytes::<NONCE_BYTES>()?;
        // Sized for the tag, so that the plain text is never moved and left behind.
        let mut buffer = Zeroizing::new(Vec::with_capacity(plain.len() + TAG_BYTES));
        buffer.extend_from_slice(plain.expose());
        key.cipher()?
            .encrypt_in_place(&XNonce::from(nonce), &associated(context), &mut *buffer)
            .map_err(|_| trouble("sealing failed"))?;
        let (nonce, sealed) = (hex::encode(&nonce), hex::encode(&buffer));
        Ok(format!("{VERSION}:{}:{nonce}{sealed}", key.id))
    }

    fn open(&self, context: &SealContext<'_>, sealed: &str) -> Result<Secret, Trouble> {
        let mut parts = sealed.splitn(3, ':');
        let (Some(VERSION), Some(id), Some(digits)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(trouble("a field is not sealed in a known way"));
        };
        let now;
        let key = match self.find(id) {
            Some(key) => key,
            None => {
                now = self.again()?;
                now.find(id).ok_or_else(|| {
                    trouble("a field is sealed with a key that is not in the key file")
                })?
            }
        };
        let no = || {
            trouble(format!(
                "key {} does not open field {}",
                key.id, context.field
            ))
        };
        let bytes = hex::decode(digits).ok_or_else(no)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES).ok_or_else(no)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| no())?;
        let mut buffer = Zeroizing::new(sealed.to_vec());
        key.cipher()?
            .decrypt_in_place(&nonce, &associated(context), &mut *buffer)
            .map_err(|_| no())?;
        Ok(Secret::new(std::mem::take(&mut *buffer)))
    }
}

impl Key {
    fn mint() -> Result<Self, Trouble> {
        let bytes = Zeroizing::new(random::bytes::<KEY_BYTES>()?);
        Ok(Self {
            id: hex::encode(&random::bytes::<{ ID_DIGITS / 2 }>()?),
            bytes: Secret::copy_of(bytes.as_slice()),
        })
    }

    fn cipher(&self) -> Result<XChaCha20Poly1305, Trouble> {
        XChaCha20Poly1305::new_from_slice(self.bytes.expose())
            .map_err(|_| trouble("a key of the wrong length"))
    }
}

/// The keys in a file: never none.
fn parse(bytes: &[u8]) -> Result<Vec<Key>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "not text".to_owned())?;
    let mut keys: Vec<Key> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // The line itself is a key: it is never quoted.
        let key = parse_key(line)
            .ok_or_else(|| format!("line {} is not a key's name and key", number + 1))?;
        if keys.len() == MAX_KEYS || keys.iter().any(|known| known.id == key.id) {
            return Err(format!("line {} is one key too many", number + 1));
        }
        keys.push(key);
    }
    if keys.is_empty() {
        return Err("no key in it".to_owned());
    }
    Ok(keys)
}

fn parse_key(line: &str) -> Option<Key> {
    let (id, digits) = line.split_once(' ')?;
    let bytes = hex::decode(digits).map(Secret::new)?;
    (id.len() == ID_DIGITS && hex::decode(id).is_some() && bytes.len() == KEY_BYTES).then(|| Key {
        id: id.to_owned(),
        bytes,
    })
}

/// What a sealed text is bound to, each part with its length before it: no two contexts are
/// written alike.
fn associated(context: &SealContext<'_>) -> Vec<u8> {
    let record = context.record.to_string();
    let mut data = Vec::new();
    for part in [context.account, &record, context.field] {
        data.extend_from_slice(&(part.len() as u64).to_be_bytes());
        data.extend_from_slice(part.as_bytes());
    }
    data
}

fn trouble(detail: impl Into<String>) -> Trouble {
    Trouble::new(TroubleKind::HostKey, detail)
}

#[cfg(test)]
mod tests;
