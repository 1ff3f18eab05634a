//! The person at a login: what they type is chosen by the input, out of what may matter.

use std::collections::VecDeque;

use kapu_core::flows::login::Form;
use kapu_core::ports::{Dialog, DialogError};
use kapu_core::record::CodeShape;
use kapu_core::secret::Secret;

use crate::bytes::Bytes;
use crate::oracle::{Owner, code};
use crate::screen;

/// The password that is chosen in place of an invitation.
pub const NEW_PASSWORD: &[u8] = b"four yellow bricks";
/// Digits of a code, where it stands behind the password.
const JOINED_DIGITS: usize = 6;
/// What an answer of password alone is taken for, where the code belongs behind it.
const NO_CODE: &[u8] = b"no code";

/// What was typed at the questions for password and code.
#[derive(Debug, Clone)]
pub struct Typed {
    /// The first factor.
    pub password: Vec<u8>,
    /// The second.
    pub answer: Vec<u8>,
}

impl Typed {
    /// Out of what the owner has, had, or never had.
    pub fn of(bytes: &mut Bytes<'_>, owner: &Owner, now: u64) -> Self {
        let password = password(bytes, owner);
        let answer = answer(bytes, owner, &password, now);
        Self { password, answer }
    }

    /// What is typed at each question, and what it then means.
    pub fn at(self, form: Form) -> (VecDeque<Vec<u8>>, Self) {
        match form {
            Form::Both => ([self.password.clone(), self.answer.clone()].into(), self),
            Form::Code => {
                let script = [self.answer.clone()].into();
                let password = Vec::new();
                (script, Self { password, ..self })
            }
            Form::Joined => {
                let line = [self.password, self.answer].concat();
                let meant = Self::joined(&line);
                ([line].into(), meant)
            }
        }
    }

    fn joined(line: &[u8]) -> Self {
        let (password, answer) = line.split_at(line.len().saturating_sub(JOINED_DIGITS));
        let is_code = answer.len() == JOINED_DIGITS && answer.iter().all(u8::is_ascii_digit);
        let (password, answer) = if is_code {
            (password, answer)
        } else {
            (line, NO_CODE)
        };
        Self {
            password: password.to_vec(),
            answer: answer.to_vec(),
        }
    }
}

fn password(bytes: &mut Bytes<'_>, owner: &Owner) -> Vec<u8> {
    match bytes.below(8) {
        0..=4 => owner.password.clone().unwrap_or_default(),
        5 => owner
            .invitation
            .clone()
            .map_or_else(Vec::new, |invited| invited.code.into()),
        6 => one_of(bytes, &owner.worn),
        _ => bytes.some().to_vec(),
    }
}

fn answer(bytes: &mut Bytes<'_>, owner: &Owner, password: &[u8], now: u64) -> Vec<u8> {
    match bytes.below(16) {
        0..=4 => app_code(bytes, owner, now).into(),
        5 => Vec::new(),
        6 => b"+".to_vec(),
        7 => owner.revocation.clone().unwrap_or_default().into(),
        8 => one_of(bytes, &owner.recovery),
        9 => one_of(bytes, &owner.worn),
        10 | 11 => owner.last_code.clone().unwrap_or_default().into(),
        12 => {
            let code = app_code(bytes, owner, now);
            mistyped(bytes, code)
        }
        13 => password.to_vec(),
        14 => format!("{:06}", u32::from(bytes.byte()) * 3907).into(),
        _ => bytes.some().to_vec(),
    }
}

/// The code of a device, up to four steps before and three after its time.
fn app_code(bytes: &mut Bytes<'_>, owner: &Owner, now: u64) -> String {
    let which = bytes.byte();
    let steps = i64::from(bytes.below(8)) - 4;
    let count = owner.devices.len().max(1);
    let device = owner.devices.get(usize::from(which) % count);
    device.map_or_else(String::new, |device| device.code(now, steps))
}

fn mistyped(bytes: &mut Bytes<'_>, code: String) -> Vec<u8> {
    let mut code = code.into_bytes();
    let place = usize::from(bytes.byte()) % code.len().max(1);
    if let Some(digit) = code.get_mut(place) {
        *digit = b'0' + (*digit - b'0' + 1) % 10;
    }
    code
}

fn one_of(bytes: &mut Bytes<'_>, codes: &[String]) -> Vec<u8> {
    let place = usize::from(bytes.byte()) % codes.len().max(1);
    codes.get(place).cloned().unwrap_or_default().into()
}

/// Who types first what they came with, and then what the screen asks for.
pub struct Person<'a, 'b> {
    /// What they came with.
    pub script: VecDeque<Vec<u8>>,
    /// What is left to choose by.
    pub bytes: &'a mut Bytes<'b>,
    /// The time on their app.
    pub now: u64,
    /// All that was said.
    pub screen: String,
    /// Keys whose code they typed while they were set up, with the code.
    pub confirmed: Vec<(Vec<u8>, String)>,
}

impl Person<'_, '_> {
    fn react(&mut self, prompt: &str) -> Option<Vec<u8>> {
        if let Some(answer) = self.script.pop_front() {
            return Some(answer);
        }
        match self.bytes.below(16) {
            1 => return None,
            2 => {
                let typed = self.bytes.some().to_vec();
                let digits = String::from_utf8_lossy(&typed).replace([' ', '-'], "");
                let key = screen::key(&self.screen);
                self.confirmed.extend(key.map(|key| (key, digits)));
                return Some(typed);
            }
            _ => {}
        }
        if prompt.contains("password") || prompt.contains("again") {
            return Some(NEW_PASSWORD.to_vec());
        }
        if let Some(asked) = screen::ORDINALS
            .iter()
            .rposition(|word| prompt.contains(word))
        {
            let code = screen::paper_code(&self.screen)?;
            return Some(code.split('-').nth(asked)?.into());
        }
        let key = screen::key(&self.screen)?;
        let step = self.now / u64::from(CodeShape::USUAL_PERIOD);
        let typed = code(&key, &CodeShape::USUAL, step);
        self.confirmed.push((key, typed.clone()));
        Some(typed.into())
    }
}

impl Dialog for Person<'_, '_> {
    fn ask_hidden(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        self.tell(prompt)?;
        let answer = self.react(prompt);
        answer.map(Secret::new).ok_or(DialogError::Stopped)
    }

    fn ask_shown(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        self.ask_hidden(prompt)
    }

    fn tell(&mut self, text: &str) -> Result<(), DialogError> {
        self.screen.push_str(text);
        self.screen.push('\n');
        Ok(())
    }
}
