//! `kapu enroll --from`: everything is given, nothing is asked.

use std::path::Path;

use kapu_core::config::PasswordMode;
use kapu_core::flows::enrollment::{Given, Made, NewToken, enroll_unattended, explain};
use kapu_core::messages::Message;
use kapu_core::ports::Store;
use kapu_core::record::{CodeShape, MovingFactor};
use kapu_core::secret::Secret;
use kapu_core::username::Account;
use kapu_host::log::Machine;
use kapu_host::service::{open_store, passwords};
use serde_json::json;

use super::{DEFAULT_TOKEN, keeps_password, may_enroll, replaces};
use crate::cli::{Enroll, QrChoice};
use crate::context::{Context, Surface};
use crate::failure::Failure;
use crate::host_key;
use crate::output::print;
use crate::program_log::ProgramLog;
use crate::script::{ENROLLMENT, Script};
use crate::script_file::{called, read};
use kapu_host::qr::{FULL_FRAME, Qr};

/// Runs the command.
pub(super) fn run(
    context: &Context,
    options: &Enroll,
    account: &Account,
    from: &Path,
) -> Result<(), Failure> {
    let mut script = read(from, &ENROLLMENT)?;
    let key = script.key.take();
    host_key::make_for_an_empty_store(&context.config.store)?;
    let store = open_store(&context.config)?;
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    let snapshot = store.load(account)?;
    let Some(permit) = may_enroll(context, options, account, &snapshot, &host)? else {
        return report(context, options, account, None);
    };
    let is_ours = context.config.login.password == PasswordMode::Own;
    let keeps =
        (options.code_only || !is_ours) && keeps_password(context, options, account, &snapshot)?;
    let password = password(context, account, from, &script, keeps)?;
    let given = Given {
        token: NewToken {
            name: options
                .token
                .as_deref()
                .or(script.token.as_deref())
                .unwrap_or(DEFAULT_TOKEN),
            site: options.issuer.as_deref().unwrap_or(&context.site),
            shape: shape(context, from, &script)?,
            replaces: replaces(options, &snapshot),
        },
        password: password.as_ref(),
        key,
        counter: script.counter.unwrap_or_default(),
        scratch: std::mem::take(&mut script.scratch),
        window: context.config.login.window,
    };
    let passwords = passwords(&context.config)?;
    match enroll_unattended(&store, &*passwords, &host, permit, given)? {
        Some(made) => report(context, options, account, Some(&made)),
        None => Err(context.refusal(Message::Changed, &[])),
    }
}

/// The new password as it is to be hashed, or `None` to keep the one there is.
fn password(
    context: &Context,
    account: &Account,
    from: &Path,
    script: &Script,
    keeps: bool,
) -> Result<Option<Secret>, Failure> {
    let name = called(from);
    match (&script.password, keeps) {
        (None, true) => Ok(None),
        (Some(_), true) if context.config.login.password != PasswordMode::Own => {
            Err(Failure::Refused(format!(
                "kapu: {name}: password: expected none, since [login] password is not \"own\""
            )))
        }
        (Some(_), true) => Err(Failure::Usage(format!(
            "--code-only keeps the password, but {name} gives a new one"
        ))),
        (None, false) => Err(Failure::Refused(format!(
            "kapu: {name}: password: expected one, or --code-only to keep the password"
        ))),
        (Some(password), false) => match context.rules(account).check(password) {
            Ok(password) => Ok(Some(password)),
            Err(weak) => Err(Failure::Refused(format!(
                "kapu: {name}: password: {}",
                explain(context.texts, weak)
            ))),
        },
    }
}

/// How the codes are made: what the script leaves out is as configured.
fn shape(context: &Context, from: &Path, script: &Script) -> Result<CodeShape, Failure> {
    let usual = context.new_shape(script.hotp);
    let moving = match (usual.moving, script.period, script.counter) {
        (MovingFactor::Time { .. }, Some(period), None) => MovingFactor::Time { period },
        (moving @ MovingFactor::Time { .. }, None, None) => moving,
        (moving @ MovingFactor::Counter, None, _) => moving,
        (MovingFactor::Time { .. }, _, Some(_)) => return Err(misplaced(from, "counter", "hotp")),
        (MovingFactor::Counter, Some(_), _) => return Err(misplaced(from, "period", "totp")),
    };
    Ok(CodeShape {
        algorithm: script.algorithm.unwrap_or(usual.algorithm),
        digits: script.digits.unwrap_or(usual.digits),
        moving,
    })
}

/// The refusal of a key that only codes of another type have.
fn misplaced(from: &Path, key: &str, kind: &str) -> Failure {
    let name = called(from);
    Failure::Refused(format!(
        "kapu: {name}: {key}: expected none, unless type is \"{kind}\""
    ))
}

/// Prints what was made; `None` where the account was set up already.
fn report(
    context: &Context,
    options: &Enroll,
    account: &Account,
    made: Option<&Made>,
) -> Result<(), Failure> {
    let uri = made.and_then(|made| made.uri.expose_text());
    let code = made.and_then(|made| made.revocation_code.expose_text());
    if options.json {
        let report = json!({ "user": account.name, "uri": uri, "revocation_code": code });
        print(&report.to_string())?;
    } else if let (Some(uri), Some(code)) = (uri, code) {
        print(&format!("uri: {uri}\nrevocation code: {code}"))?;
    }
    match (options.qr, uri) {
        (Some(choice), Some(uri)) => draw(context, choice, uri),
        _ => Ok(()),
    }
}

fn draw(context: &Context, choice: QrChoice, uri: &str) -> Result<(), Failure> {
    let drawing = context.drawing(choice, Surface::of_output());
    let rows = Qr::of(uri.as_bytes()).and_then(|qr| drawing.painted(&qr, FULL_FRAME));
    match rows {
        Some(rows) => print(&rows),
        None => Ok(()),
    }
}
