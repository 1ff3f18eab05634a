//! The wiring: configuration, host key, store and password check of one process.

use std::path::Path;
use std::sync::Arc;

use kapu_core::config::{Config, MAX_CONFIG_BYTES, PasswordMode};
use kapu_core::ports::{Passwords, Trouble, TroubleKind};

use crate::argon::OwnPasswords;
use crate::checked_open::{CheckedDir, NOT_WRITABLE_BY_OTHERS, PRIVATE, split};
use crate::directory_store::DirectoryStore;
use crate::elsewhere::Elsewhere;
use crate::file_error::FileError;
use crate::held_dir::{HeldDir, Known};
use crate::queue::HashQueue;
use crate::seal::HostKey;
use crate::system_password::SystemPasswords;
use crate::{clock, identity};

/// The configuration where no other is named.
pub const DEFAULT_CONFIG: &str = "/etc/kapu/kapu.toml";

/// What the host key gives a secret for: which line of the queue an address waits in.
const QUEUE_NUMBERING: &str = "kapu queue";

/// Everything that a flow needs of this machine, but for the person and the log.
pub struct Service {
    /// The configuration.
    pub config: Config,
    /// The accounts.
    pub store: DirectoryStore,
    /// The check of passwords.
    pub passwords: Box<dyn Passwords>,
}

impl Service {
    /// Opens everything that `config` names.
    ///
    /// # Errors
    /// Where anything is missing, unsafe or does not make sense. Nothing of it depends on whose
    /// login it is.
    pub fn open(loaded: Loaded) -> Result<Self, Trouble> {
        let Loaded { config, dir } = loaded;
        // Before the key is read: a set-uid program must not hold it.
        let owner = identity::only_uid()?;
        let key = HostKey::load_beside(Path::new(&config.store.host_key), owner, dir.as_ref())?;
        let accounts = Arc::new(HeldDir::new(&config.store.path, owner, PRIVATE));
        let queue = HashQueue::sharing(
            Arc::clone(&accounts),
            config.password.simultaneous,
            Some(key.secret_for(QUEUE_NUMBERING)?),
        );
        let store = DirectoryStore::sharing(accounts, owner, Box::new(key), clock::now);
        let passwords = passwords_in(&config, queue)?;
        Ok(Self {
            config,
            store,
            passwords,
        })
    }
}

/// A configuration, and where it was read: the host key usually is in the same directory.
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    dir: Option<Known>,
}

/// Reads the configuration, as [`load`] does.
///
/// # Errors
/// As [`load`].
pub fn load_config(path: Option<&Path>) -> Result<Config, Trouble> {
    load(path).map(|loaded| loaded.config)
}

/// Reads the configuration. Only the default path may be absent: then every key has its default.
///
/// # Errors
/// [`TroubleKind::Config`] with file, line and key; never with a value.
pub fn load(path: Option<&Path>) -> Result<Loaded, Trouble> {
    let wrong = |detail: String| Trouble::new(TroubleKind::Config, detail);
    let file = path.unwrap_or_else(|| Path::new(DEFAULT_CONFIG));
    let owner = identity::effective_uid();
    let unread = |error: FileError| error.trouble(TroubleKind::Config);
    let open = || -> Result<_, FileError> {
        let (dir, name) = split(file)?;
        let known = Known {
            path: dir.to_owned(),
            dir: Arc::new(CheckedDir::open(dir, owner, NOT_WRITABLE_BY_OTHERS)?),
        };
        let found = known.dir.file(name, NOT_WRITABLE_BY_OTHERS)?;
        Ok((known, found))
    };
    let (known, found) = match open() {
        Ok(opened) => opened,
        Err(error) if error.is_missing() && path.is_none() => {
            return Ok(Loaded {
                config: Config::default(),
                dir: None,
            });
        }
        Err(error) => return Err(unread(error)),
    };
    let written = found.written();
    let bytes = found.read(MAX_CONFIG_BYTES).map_err(unread)?;
    let shown = file.display();
    let text =
        std::str::from_utf8(&bytes).map_err(|_| wrong(format!("{shown}: not UTF-8 text")))?;
    let config = Config::parse(text).map_err(|error| wrong(format!("{shown}: {error}")))?;
    Ok(Loaded {
        config: Config { written, ..config },
        dir: Some(known),
    })
}

/// Opens the store, which must be this process's own.
///
/// # Errors
/// [`TroubleKind::MixedUids`], [`TroubleKind::HostKey`].
pub fn open_store(config: &Config) -> Result<DirectoryStore, Trouble> {
    // Before the key is read: a set-uid program must not hold it.
    let owner = identity::only_uid()?;
    let key = HostKey::load(Path::new(&config.store.host_key), owner)?;
    let accounts = Arc::new(HeldDir::new(&config.store.path, owner, PRIVATE));
    Ok(DirectoryStore::sharing(
        accounts,
        owner,
        Box::new(key),
        clock::now,
    ))
}

/// The check of passwords that the configuration names, for who is at this machine.
///
/// # Errors
/// [`TroubleKind::Hash`].
pub fn passwords(config: &Config) -> Result<Box<dyn Passwords>, Trouble> {
    let accounts = Path::new(&config.store.path);
    let simultaneous = config.password.simultaneous;
    let queue = HashQueue::beside(accounts, identity::effective_uid(), simultaneous);
    passwords_in(config, queue)
}

/// As [`passwords`]; Argon2id is computed by turns of `queue`.
fn passwords_in(config: &Config, queue: HashQueue) -> Result<Box<dyn Passwords>, Trouble> {
    if config.login.password == PasswordMode::Elsewhere {
        return Ok(Box::new(Elsewhere::Unproven));
    }
    let own = |queue| OwnPasswords::new(&config.password, queue);
    Ok(if config.login.password == PasswordMode::System {
        // Who exists does not wait for a turn there: nor may who does not.
        let decoy = own(queue.without_waiting())?;
        Box::new(SystemPasswords::new().with_decoy(Box::new(decoy)))
    } else {
        Box::new(own(queue)?)
    })
}
