//! The host key: what seals the secrets in the documents, so that a copy of the accounts, a
//! backup or a stolen disk image of `/var` alone is no use.
//!
//! XChaCha20-Poly1305 with a random nonce: 192 bits are enough to draw nonces blindly for ever.

use std::path::Path;

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use kapu_core::document::{Seal, SealContext};
use kapu_core::hex;
use kapu_core::ports::{Trouble, TroubleKind};
use kapu_core::secret::Secret;
use nix::fcntl::{RenameFlags, renameat2};
use nix::sys::stat::Mode;
use zeroize::Zeroizing;

use crate::checked_open::{CheckedDir, NOT_WRITABLE_BY_OTHERS, PRIVATE, read_file, split};
use crate::commit;
use crate::file_error::FileError;
use crate::random;

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
        let bytes = read_file(path, owner, PRIVATE, MAX_FILE)
            .map_err(|error| error.trouble(TroubleKind::HostKey))?;
        Self::parse(&bytes).map_err(|fault| trouble(format!("{}: {fault}", path.display())))
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
        let id = hex::encode(&random::bytes::<{ ID_DIGITS / 2 }>()?);
        let bytes = Zeroizing::new(random::bytes::<KEY_BYTES>()?);
        let digits = Zeroizing::new(hex::encode(bytes.as_slice()));
        let line = Zeroizing::new(["", &id, " ", &digits, "\n"].concat());
        write_key_file(path, owner, &id, line.as_bytes())
            .map_err(|error| error.trouble(TroubleKind::HostKey))?;
        Ok(Self {
            keys: vec![Key {
                id,
                bytes: Secret::copy_of(bytes.as_slice()),
            }],
        })
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
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
        Ok(Self { keys })
    }
}

impl Seal for HostKey {
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
        let key =
            self.keys.iter().find(|key| key.id == id).ok_or_else(|| {
                trouble("a field is sealed with a key that is not in the key file")
            })?;
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
    fn cipher(&self) -> Result<XChaCha20Poly1305, Trouble> {
        XChaCha20Poly1305::new_from_slice(self.bytes.expose())
            .map_err(|_| trouble("a key of the wrong length"))
    }
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

fn write_key_file(path: &Path, owner: u32, id: &str, line: &[u8]) -> Result<(), FileError> {
    let (dir, name) = split(path)?;
    let dir = CheckedDir::open(dir, owner, NOT_WRITABLE_BY_OTHERS)?;
    let (name, path) = dir.entry(name)?;
    let temporary = format!(".kapu-{id}.new");
    commit::write_new(&dir, &temporary, line, Mode::S_IRUSR)?;
    let flags = RenameFlags::RENAME_NOREPLACE;
    let renamed = renameat2(&dir, temporary.as_str(), &dir, name, flags);
    if renamed.is_err() {
        let _ = commit::remove(&dir, &temporary);
    }
    renamed.map_err(FileError::system(&path))?;
    commit::sync(&dir)
}

fn trouble(detail: impl Into<String>) -> Trouble {
    Trouble::new(TroubleKind::HostKey, detail)
}

#[cfg(test)]
mod tests;
