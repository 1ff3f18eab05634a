//! Where a script comes from: a file, or standard input.

use std::fs::File;
use std::io::{Read, stdin};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::output::complain;
use crate::script::{self, MAX_SCRIPT, Script};

/// The name that stands for standard input.
const STANDARD_INPUT: &str = "-";
/// Mode bits that let anybody but the owner read a file.
const READABLE_BY_OTHERS: u32 = 0o044;

/// Reads the script, which may hold these `keys`. Its file holds secrets: others should not be able to read it, but a script
/// that made it carelessly is not helped by a refusal.
pub(crate) fn read(from: &Path, keys: &[&'static str]) -> Result<Script, Failure> {
    let name = called(from);
    let fault = |error: std::io::Error| Failure::Refused(format!("kapu: {name}: {error}"));
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_SCRIPT + 1));
    if from.as_os_str() == STANDARD_INPUT {
        read_all(stdin().lock(), &mut bytes).map_err(fault)?;
    } else {
        let file = File::open(from).map_err(fault)?;
        if file.metadata().map_err(fault)?.mode() & READABLE_BY_OTHERS != 0 {
            complain(&format!(
                "kapu: warning: {name} holds secrets and others can read it"
            ));
        }
        read_all(file, &mut bytes).map_err(fault)?;
    }
    if bytes.len() > MAX_SCRIPT {
        let text = format!("kapu: {name}: expected at most {MAX_SCRIPT} bytes");
        return Err(Failure::Refused(text));
    }
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Failure::Refused(format!("kapu: {name}: expected UTF-8 text")))?;
    script::parse(text, keys).map_err(|error| Failure::Refused(format!("kapu: {name}: {error}")))
}

/// What messages call the script.
pub(crate) fn called(from: &Path) -> String {
    if from.as_os_str() == STANDARD_INPUT {
        "standard input".to_owned()
    } else {
        from.display().to_string()
    }
}

/// Reads up to one byte more than a script may have, into a buffer that never grows.
fn read_all(from: impl Read, bytes: &mut Vec<u8>) -> std::io::Result<()> {
    let limit = u64::try_from(bytes.capacity()).unwrap_or(u64::MAX);
    from.take(limit).read_to_end(bytes).map(|_| ())
}
