//! The written form: names and order of the fields, and what is sealed.

use serde::{Deserialize, Serialize};

use super::bounds::{Fault, check};
use super::{Document, FORMAT, MAX_DOCUMENT, Seal, SealContext};
use crate::digest::sha256;
use crate::id::Id;
use crate::paper::PaperHash;
use crate::ports::{Trouble, TroubleKind, UnixTime};
use crate::record::{
    Algorithm, CodeShape, Invitation, MovingFactor, PasswordHash, Record, RecoveryCode, Revision,
    ScratchCode, Token,
};
use crate::secret::Secret;
use crate::state::State;
use crate::username::Account;

/// The first lines: read alone where only the owner is asked for, and before anything else, so
/// that a newer format is called that and not a mistake.
#[derive(Deserialize)]
struct Head {
    format: u32,
    account: String,
    uid: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    format: u32,
    account: String,
    uid: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    record: Option<WrittenRecord>,
    state: State,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenRecord {
    id: Id,
    revision: Id,
    created: UnixTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    password_since: UnixTime,
    #[serde(default, skip_serializing_if = "is_false")]
    password_expired: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revocation: Option<String>,
    revocation_since: UnixTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_password_alone: Option<UnixTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    invitation: Option<WrittenInvitation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tokens: Vec<WrittenToken>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    recovery: Vec<WrittenRecovery>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scratch: Vec<WrittenScratch>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenInvitation {
    hash: String,
    until: UnixTime,
    #[serde(default)]
    replaces: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenToken {
    id: Id,
    name: String,
    key: String,
    algorithm: String,
    digits: u8,
    #[serde(rename = "type", default, skip_serializing_if = "WrittenType::is_totp")]
    kind: WrittenType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    period: Option<u32>,
    confirmed_step: u64,
    since: UnixTime,
}

/// Documents from before there were counter-based tokens have no type.
#[derive(Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum WrittenType {
    #[default]
    Totp,
    Hotp,
}

impl WrittenType {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    fn is_totp(&self) -> bool {
        *self == Self::Totp
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenScratch {
    id: Id,
    code: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenRecovery {
    id: Id,
    hash: String,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

pub(super) fn read_owner(text: &str) -> Result<Account, Trouble> {
    // TOML has the keys of the document itself before its first table.
    let head = text.split("\n[").next().unwrap_or_default();
    let head: Head = toml::from_str(head).map_err(|error| not_the_format(head, &error))?;
    if head.format != FORMAT {
        return Err(unreadable("a format that this version does not know"));
    }
    Ok(Account {
        name: head.account,
        uid: head.uid,
    })
}

pub(super) fn read(text: &str, owner: Account, seal: &dyn Seal) -> Result<Document, Trouble> {
    if text.len() > MAX_DOCUMENT {
        return Err(unreadable("too long"));
    }
    let body = vouched_for(text, &owner, seal)?;
    let written: Written = toml::from_str(body).map_err(|error| not_the_format(body, &error))?;
    let record = match written.record {
        Some(record) => Some(opened(record, &owner, seal)?),
        None => None,
    };
    check(&owner, record.as_ref(), &written.state).map_err(unreadable)?;
    Ok(Document {
        account: owner,
        record,
        state: written.state,
    })
}

pub(super) fn write(document: &Document, seal: &dyn Seal) -> Result<String, Trouble> {
    let record = document.record.as_ref();
    check(&document.account, record, &document.state).map_err(unwritable)?;
    let written = Written {
        format: FORMAT,
        account: document.account.name.clone(),
        uid: document.account.uid,
        record: record.map(|record| sealed(record, seal)).transpose()?,
        state: document.state.clone(),
    };
    let body = toml::to_string(&written).map_err(|_| unwritable("not to be written as TOML"))?;
    let end = seal.seal(&whole(&document.account), &digest(&body))?;
    let text = format!("{body}{END}{end}\n");
    if text.len() > MAX_DOCUMENT {
        return Err(unwritable("too long"));
    }
    Ok(text)
}

/// The text before the last line, which vouches for every byte of it. A disk, a repair or a hand
/// that changed one may have made a spent code good again, or a switched-off account live.
fn vouched_for<'a>(text: &'a str, owner: &Account, seal: &dyn Seal) -> Result<&'a str, Trouble> {
    let (body, end) = text
        .rsplit_once(END)
        .ok_or_else(|| unreadable("it does not end as a document does"))?;
    let end = end
        .strip_suffix('\n')
        .ok_or_else(|| unreadable("it lost its end"))?;
    if seal.vouches(&whole(owner), end, &digest(body))? {
        Ok(body)
    } else {
        Err(unreadable("it was changed after it was written"))
    }
}

/// What the last line is bound to. The record is in the text.
pub(super) fn whole(account: &Account) -> SealContext<'_> {
    SealContext {
        account: &account.name,
        record: Id::from_bytes([0; Id::BYTES]),
        field: DOCUMENT_FIELD,
    }
}

pub(super) fn digest(body: &str) -> Secret {
    Secret::copy_of(sha256(&[body.as_bytes()]).as_slice())
}

fn unreadable(fault: Fault) -> Trouble {
    Trouble::new(TroubleKind::StoreRead, format!("bad document: {fault}"))
}

fn unwritable(fault: Fault) -> Trouble {
    Trouble::new(TroubleKind::StoreWrite, format!("bad document: {fault}"))
}

/// The parser's own message would quote the line, and lines hold hashes and sealed keys.
fn not_the_format(text: &str, error: &toml::de::Error) -> Trouble {
    let line = error
        .span()
        .and_then(|span| text.as_bytes().get(..span.start))
        .map_or(1, |before| {
            1 + before.iter().filter(|byte| **byte == b'\n').count()
        });
    let detail = format!("bad document: line {line} does not fit the format");
    Trouble::new(TroubleKind::StoreRead, detail)
}

fn opened(written: WrittenRecord, account: &Account, seal: &dyn Seal) -> Result<Record, Trouble> {
    let open = |field: &str, text: &str| {
        let context = SealContext {
            account: &account.name,
            record: written.id,
            field,
        };
        seal.open(&context, text)
    };
    let password = written
        .password
        .map(|text| open(PASSWORD_FIELD, &text))
        .transpose()?;
    let mut tokens = Vec::with_capacity(written.tokens.len());
    for token in written.tokens {
        let key = open(&key_field(token.id), &token.key)?;
        tokens.push(read_token(token, key).map_err(unreadable)?);
    }
    let mut scratch = Vec::with_capacity(written.scratch.len());
    for known in written.scratch {
        let code = open(&scratch_field(known.id), &known.code)?;
        scratch.push(ScratchCode { id: known.id, code });
    }
    let recovery = written.recovery.into_iter().map(|code| {
        Ok(RecoveryCode {
            id: code.id,
            hash: read_paper_hash(&code.hash)?,
        })
    });
    let invitation = written.invitation.map(|invitation| {
        read_paper_hash(&invitation.hash).map(|hash| Invitation {
            hash,
            until: invitation.until,
            replaces: invitation.replaces,
        })
    });
    let revocation = written.revocation.map(|text| read_paper_hash(&text));
    Ok(Record {
        id: written.id,
        revision: Revision::of(written.revision),
        account: account.clone(),
        created: written.created,
        password: password.map(PasswordHash),
        password_since: written.password_since,
        password_expired: written.password_expired,
        tokens,
        revocation: revocation.transpose().map_err(unreadable)?,
        revocation_since: written.revocation_since,
        recovery: recovery.collect::<Result<_, Fault>>().map_err(unreadable)?,
        scratch,
        invitation: invitation.transpose().map_err(unreadable)?,
        on_password_alone: written.on_password_alone,
    })
}

fn sealed(record: &Record, seal: &dyn Seal) -> Result<WrittenRecord, Trouble> {
    let close = |field: &str, plain: &Secret| {
        let context = SealContext {
            account: &record.account.name,
            record: record.id,
            field,
        };
        seal.seal(&context, plain)
    };
    let password = record.password.as_ref();
    let tokens = record.tokens.iter().map(|token| {
        let (kind, period) = match token.shape.moving {
            MovingFactor::Time { period } => (WrittenType::Totp, Some(period)),
            MovingFactor::Counter => (WrittenType::Hotp, None),
        };
        Ok(WrittenToken {
            id: token.id,
            name: token.name.clone(),
            key: close(&key_field(token.id), &token.key)?,
            algorithm: token.shape.algorithm.word().to_owned(),
            digits: token.shape.digits,
            kind,
            period,
            confirmed_step: token.confirmed_step,
            since: token.since,
        })
    });
    let recovery = record.recovery.iter().map(|code| WrittenRecovery {
        id: code.id,
        hash: code.hash.to_text(),
    });
    let scratch = record.scratch.iter().map(|known| {
        Ok(WrittenScratch {
            id: known.id,
            code: close(&scratch_field(known.id), &known.code)?,
        })
    });
    let invitation = record.invitation.as_ref();
    Ok(WrittenRecord {
        id: record.id,
        revision: record
            .revision
            .id()
            .ok_or_else(|| unwritable("the record has no revision"))?,
        created: record.created,
        password: password
            .map(|hash| close(PASSWORD_FIELD, &hash.0))
            .transpose()?,
        password_since: record.password_since,
        password_expired: record.password_expired,
        revocation: record.revocation.as_ref().map(PaperHash::to_text),
        revocation_since: record.revocation_since,
        on_password_alone: record.on_password_alone,
        invitation: invitation.map(|invitation| WrittenInvitation {
            hash: invitation.hash.to_text(),
            until: invitation.until,
            replaces: invitation.replaces,
        }),
        tokens: tokens.collect::<Result<_, Trouble>>()?,
        recovery: recovery.collect(),
        scratch: scratch.collect::<Result<_, Trouble>>()?,
    })
}

/// What stands before the last seal. To TOML it is a comment.
pub(super) const END: &str = "# sealed ";
/// The name under which the text as a whole is sealed.
const DOCUMENT_FIELD: &str = "document";
/// The name under which the password's hash is sealed.
const PASSWORD_FIELD: &str = "password";

/// The name under which a token's key is sealed.
fn key_field(token: Id) -> String {
    format!("token.{token}.key")
}

/// The name under which a code from another module is sealed.
fn scratch_field(code: Id) -> String {
    format!("scratch.{code}.code")
}

fn read_token(written: WrittenToken, key: Secret) -> Result<Token, Fault> {
    let algorithm = Algorithm::from_word(&written.algorithm).ok_or("a token's algorithm")?;
    let moving = match (written.kind, written.period) {
        (WrittenType::Totp, Some(period)) => MovingFactor::Time { period },
        (WrittenType::Hotp, None) => MovingFactor::Counter,
        (WrittenType::Totp, None) | (WrittenType::Hotp, Some(_)) => {
            return Err("a token's type or period");
        }
    };
    Ok(Token {
        id: written.id,
        name: written.name,
        key,
        shape: CodeShape {
            algorithm,
            digits: written.digits,
            moving,
        },
        confirmed_step: written.confirmed_step,
        since: written.since,
    })
}

fn read_paper_hash(text: &str) -> Result<PaperHash, Fault> {
    PaperHash::from_text(text).ok_or("the hash of a paper code")
}
