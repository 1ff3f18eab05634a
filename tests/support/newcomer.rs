//! Somebody who sets up a device within a login, from what the terminal shows them alone.

use crate::oath::code_at;
use crate::screen::Screen;
use crate::ssh_client::KEYBOARD;
use crate::sshd::PrivateSshd;
use crate::terminal::Terminal;

/// Letters of a code on paper, in five groups of four.
const PAPER_GROUPS: usize = 5;
/// How the groups of a code on paper are asked for.
const ORDINALS: [&str; PAPER_GROUPS] = ["first", "second", "third", "fourth", "fifth"];

/// What a person has afterwards: an app with the key, and a piece of paper.
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// The key in base32.
    pub secret: String,
    /// The revocation code.
    pub revocation_code: String,
}

/// A real ssh client in a terminal, which has typed both answers of a login and goes on.
///
/// # Panics
/// When it is not asked.
pub fn begin_login(
    sshd: &PrivateSshd<'_>,
    user: &str,
    locale: &[(&str, &str)],
    [password, answer]: [&str; 2],
    command: &str,
) -> Terminal {
    let mut terminal = sshd.terminal(KEYBOARD, user, locale, command);
    terminal.wait_for("Password:");
    terminal.type_keys(&format!("{password}\n"));
    terminal.wait_for("Verification code:");
    terminal.type_keys(&format!("{answer}\n"));
    terminal
}

/// The otpauth address that stands on the screen last.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn shown_uri(screen: &Screen) -> String {
    let text = screen.text();
    let (_, from) = text
        .rsplit_once("otpauth://")
        .expect("an address is on the screen");
    // It is longer than a row; whatever follows it stands after an empty row.
    let rows = from.lines().take_while(|row| !row.is_empty());
    format!("otpauth://{}", rows.collect::<String>())
}

/// The key of an otpauth address, in base32.
///
/// # Panics
/// When it has none.
#[must_use]
pub fn secret_of(uri: &str) -> String {
    let (_, from) = uri.split_once("secret=").expect("the address has a key");
    from.chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect()
}

/// The code on paper that stands on the screen last.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn shown_paper_code(screen: &Screen) -> String {
    let text = screen.text();
    let is_code = |row: &&str| {
        let groups: Vec<&str> = row.split('-').collect();
        groups.len() == PAPER_GROUPS && groups.iter().all(|group| group.len() == 4)
    };
    let code = text.lines().map(str::trim).rfind(is_code);
    code.expect("a code on paper is on the screen").to_owned()
}

/// Types the code of the new key as of `moment`, notes the revocation code and types the group that
/// is asked for. The terminal stands where the app's code is asked for.
///
/// # Panics
/// When the dialog does not go on.
pub fn set_up(terminal: &mut Terminal, moment: u64) -> NewDevice {
    terminal.wait_for("Code: ");
    let secret = secret_of(&shown_uri(terminal.screen()));
    terminal.type_keys(&format!("{}\n", code_at(&secret, moment)));
    NewDevice {
        secret,
        revocation_code: note_revocation_code(terminal),
    }
}

/// Notes the revocation code that is shown, and types the group of it that is asked for.
///
/// # Panics
/// When the dialog does not go on.
pub fn note_revocation_code(terminal: &mut Terminal) -> String {
    terminal.wait_for("group (or all of it): ");
    let revocation_code = shown_paper_code(terminal.screen());
    let asked = ORDINALS
        .iter()
        .position(|word| {
            terminal
                .screen()
                .text()
                .contains(&format!("its {word} group"))
        })
        .expect("a group is asked for");
    let group = revocation_code.split('-').nth(asked).expect("a group");
    terminal.type_keys(&format!("{group}\n"));
    revocation_code
}

/// As [`set_up`], at a terminal of `kapu`, for a device that joins others: it comes with no new code on
/// paper. The key, in base32.
///
/// # Panics
/// When the dialog does not go on.
pub fn set_up_at_terminal(terminal: &mut Terminal, moment: u64) -> String {
    let uri = bring_over(terminal, |secret| code_at(secret, moment));
    secret_of(&uri)
}

/// Brings a key over from a terminal of `kapu` and types the `code` of it. The otpauth address.
///
/// # Panics
/// When the dialog does not go on.
pub fn bring_over(terminal: &mut Terminal, code: impl Fn(&str) -> String) -> String {
    terminal.wait_for("press Enter");
    terminal.type_keys("\n");
    terminal.wait_for("Code the app shows now:");
    terminal.type_keys("u\n");
    // The address is longer than a row, and its name stands among the keys on offer.
    terminal.wait_until(|screen| {
        let text = screen.text().replace('\n', "");
        let (_, from) = text.rsplit_once("issuer=").unwrap_or_default();
        from.contains("Code the app shows now:")
    });
    let uri = shown_uri(terminal.screen());
    terminal.type_keys(&format!("{}\n", code(&secret_of(&uri))));
    uri
}
