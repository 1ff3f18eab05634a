//! The screen with the new key: the QR code at the left, words at its right, the prompt below.

use std::fs::File;
use std::os::fd::AsRawFd;

use kapu_core::key_card::KeyCard;
use kapu_core::messages::Message;
use zeroize::Zeroizing;

use kapu_host::qr::{FULL_FRAME, Ink, NARROW_FRAME, Qr};

/// Groups of the key in one line beside the QR code.
const GROUPS_BESIDE: usize = 4;
/// Groups of the key in one line where there is no QR code.
const GROUPS_ALONE: usize = 8;
/// Blank columns between the QR code and the words.
const GAP: usize = 1;
/// Black letters on white: the one pair of colours of the 256 that no theme changes.
const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";
/// Back to the terminal's own colours.
const PLAIN: &str = "\x1b[0m";
/// Bytes that colours and a line end add to a row, at most.
const MOST_COLOURS: usize = BLACK_ON_WHITE.len() + PLAIN.len() + 1;

/// How large the terminal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// Letters in a row.
    pub(crate) columns: usize,
    /// Rows.
    pub(crate) rows: usize,
}

impl Window {
    /// What a terminal has that does not say.
    const USUAL: Self = Self {
        columns: 80,
        rows: 24,
    };

    /// The size of `tty` now: people enlarge windows.
    pub(crate) fn of(tty: &File) -> Self {
        let mut size = libc::winsize {
            ws_row: 0,
            ws_col: 0,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        // SAFETY: TIOCGWINSZ writes one winsize to the pointer (ioctl_tty(2)), which is one.
        let done = unsafe { libc::ioctl(tty.as_raw_fd(), libc::TIOCGWINSZ, &raw mut size) };
        if done != 0 || size.ws_row == 0 || size.ws_col == 0 {
            return Self::USUAL;
        }
        Self {
            columns: usize::from(size.ws_col),
            rows: usize::from(size.ws_row),
        }
    }
}

/// The letters a QR code is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letters {
    /// `█▀▄`
    HalfBlocks,
    /// `##`
    Ascii,
    /// No QR code at all.
    None,
}

impl Letters {
    /// What to try where these come out broken.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::HalfBlocks | Self::None => Self::Ascii,
            Self::Ascii => Self::HalfBlocks,
        }
    }
}

/// How QR codes are drawn at this terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Drawing {
    /// The letters.
    pub(crate) letters: Letters,
    /// What they paint.
    pub(crate) ink: Ink,
    /// Whether we set the colours.
    pub(crate) coloured: bool,
}

/// A screen ready to be written; the prompt goes right behind it.
#[derive(Debug)]
pub(crate) struct Screen {
    /// Its rows.
    pub(crate) text: Zeroizing<String>,
}

impl Drawing {
    /// The QR code with everything a person may need beside it, or the key alone where the window
    /// is too small for both.
    pub(crate) fn first(&self, card: &KeyCard<'_>, window: Window) -> Screen {
        self.beside(card, window)
            .unwrap_or_else(|| key_alone(card, self.letters))
    }

    /// As [`first`](Drawing::first), but rather the QR code alone than the key alone.
    pub(crate) fn on_request(&self, card: &KeyCard<'_>, window: Window) -> Screen {
        self.beside(card, window)
            .or_else(|| self.code_alone(card, window))
            .unwrap_or_else(|| key_alone(card, self.letters))
    }

    fn beside(&self, card: &KeyCard<'_>, window: Window) -> Option<Screen> {
        let words = words_beside(card);
        let width = words.iter().map(|line| line.chars().count()).max()? + GAP;
        let columns = window.columns.checked_sub(width + 1)?;
        let rows = window.rows.checked_sub(1)?;
        let code = self.code_within(card, columns, rows)?;
        if words.len() > rows {
            return None;
        }
        let rows = code.len().max(words.len());
        let blank = " ".repeat(code.first()?.chars().count());
        let mut text = Zeroizing::new(String::with_capacity(window.columns * window.rows * 4));
        for row in 0..rows {
            match code.get(row) {
                Some(modules) => self.paint(&mut text, modules),
                None => text.push_str(&blank),
            }
            if let Some(line) = words.get(row).filter(|line| !line.is_empty()) {
                text.push_str(&" ".repeat(GAP));
                text.push_str(line);
            }
            text.push('\n');
        }
        Some(Screen { text })
    }

    fn code_alone(&self, card: &KeyCard<'_>, window: Window) -> Option<Screen> {
        let code = self.code_within(card, window.columns, window.rows.checked_sub(1)?)?;
        let text = self.paint_all(&code);
        Some(Screen { text })
    }

    /// A QR code in the letters of this drawing, a line for each row; `None` where there shall
    /// be none.
    pub(crate) fn painted(&self, qr: &Qr, frame: usize) -> Option<Zeroizing<String>> {
        Some(self.paint_all(&self.rows_of(qr, frame)?))
    }

    fn paint_all(&self, code: &[String]) -> Zeroizing<String> {
        let length = code.iter().map(|row| row.len() + MOST_COLOURS).sum();
        let mut text = Zeroizing::new(String::with_capacity(length));
        for modules in code {
            self.paint(&mut text, modules);
            text.push('\n');
        }
        text
    }

    /// The QR code with the widest frame that fits into so many columns and rows.
    fn code_within(&self, card: &KeyCard<'_>, columns: usize, rows: usize) -> Option<Vec<String>> {
        let qr = Qr::of(card.uri.expose())?;
        [FULL_FRAME, NARROW_FRAME]
            .into_iter()
            .filter_map(|frame| self.rows_of(&qr, frame))
            .find(|code| {
                let width = code.first().map_or(0, |row| row.chars().count());
                width <= columns && code.len() <= rows
            })
    }

    /// The rows of `qr` in the letters of this drawing.
    fn rows_of(&self, qr: &Qr, frame: usize) -> Option<Vec<String>> {
        match self.letters {
            Letters::HalfBlocks => Some(qr.half_blocks(frame, self.ink)),
            Letters::Ascii => Some(qr.ascii(frame, self.ink)),
            Letters::None => None,
        }
    }

    fn paint(&self, text: &mut String, modules: &str) {
        if self.coloured {
            text.push_str(BLACK_ON_WHITE);
            text.push_str(modules);
            text.push_str(PLAIN);
        } else {
            text.push_str(modules);
        }
    }
}

/// The words at the right of the QR code.
fn words_beside(card: &KeyCard<'_>) -> Vec<Zeroizing<String>> {
    let mut words = Words::default();
    words.say(card, Message::AsideScan);
    words.gap();
    words.say(card, Message::AsideCannotScan);
    words.gap();
    words.key(card, GROUPS_BESIDE);
    words.gap();
    words.labels(card);
    words.gap();
    words.say(card, Message::AsideSecret);
    words.gap();
    words.say(card, Message::AsideBroken);
    words.0
}

/// The key without a QR code.
fn key_alone(card: &KeyCard<'_>, letters: Letters) -> Screen {
    let mut words = Words::default();
    words.say(card, Message::AsideCannotScan);
    words.gap();
    words.key(card, GROUPS_ALONE);
    words.gap();
    words.labels(card);
    words.gap();
    words.say(card, Message::AsideSecret);
    if letters != Letters::None {
        words.gap();
        words.say(card, Message::QrOnRequest);
    }
    words.gap();
    let mut text = Zeroizing::new(String::with_capacity(
        words.0.iter().map(|line| line.len() + 1).sum(),
    ));
    for line in &words.0 {
        text.push_str(line);
        text.push('\n');
    }
    Screen { text }
}

/// Lines of words, some of which hold the key.
#[derive(Default)]
struct Words(Vec<Zeroizing<String>>);

impl Words {
    fn gap(&mut self) {
        self.0.push(Zeroizing::default());
    }

    fn say(&mut self, card: &KeyCard<'_>, message: Message) {
        let text = card.texts.say(message);
        self.0
            .extend(text.lines().map(|line| Zeroizing::new(line.to_owned())));
    }

    fn key(&mut self, card: &KeyCard<'_>, per_line: usize) {
        for line in card.key_lines(per_line) {
            let groups = line.expose_text().unwrap_or_default();
            self.0.push(Zeroizing::new(format!("  {groups}")));
        }
    }

    fn labels(&mut self, card: &KeyCard<'_>) {
        self.0.extend(card.labels().into_iter().map(Zeroizing::new));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kapu_core::messages::{Language, Texts};
    use kapu_core::otpauth;
    use kapu_core::record::CodeShape;
    use kapu_core::secret::Secret;

    const WINDOW: Window = Window {
        columns: 80,
        rows: 24,
    };
    const DRAWING: Drawing = Drawing {
        letters: Letters::HalfBlocks,
        ink: Ink::Dark,
        coloured: false,
    };
    const KEY: &str = "JBSW Y3DP EHPK 3PXP";

    fn card(language: Language) -> KeyCard<'static> {
        let key = Secret::copy_of(b"Hello!\xde\xad\xbe\xefHello!\xde\xad\xbe\xef");
        KeyCard {
            texts: Texts {
                language,
                unicode: true,
            },
            site: "server1",
            user: "anna",
            shape: CodeShape::USUAL,
            key: otpauth::base32_encode(key.expose()),
            uri: Secret::copy_of(b"otpauth://totp/server1:anna?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=server1"),
        }
    }

    fn rows(screen: &Screen) -> Vec<&str> {
        screen.text.lines().collect()
    }

    /// Whether every row of the QR code stands at the left edge of `rows`.
    fn holds_the_code(rows: &[&str]) -> bool {
        let qr = Qr::of(card(Language::English).uri.expose()).unwrap();
        [FULL_FRAME, NARROW_FRAME].into_iter().any(|frame| {
            let code = qr.half_blocks(frame, Ink::Dark);
            code.len() <= rows.len()
                && code
                    .iter()
                    .zip(rows)
                    .all(|(code, row)| row.starts_with(code))
        })
    }

    #[test]
    fn code_key_words_and_prompt_fit_on_80_by_24() {
        for language in [Language::English, Language::Hungarian] {
            let screen = DRAWING.first(&card(language), WINDOW);
            let rows = rows(&screen);
            assert!(rows.len() < WINDOW.rows, "{} rows", rows.len());
            let widest = rows.iter().map(|row| row.chars().count()).max().unwrap();
            assert!(widest < WINDOW.columns, "{widest} columns");
            assert!(holds_the_code(&rows));
            assert_eq!(screen.text.matches(KEY).count(), 2);
        }
    }

    #[test]
    fn colours_are_set_around_the_code_and_nothing_else() {
        let coloured = Drawing {
            coloured: true,
            ..DRAWING
        };
        let screen = coloured.first(&card(Language::English), WINDOW);
        let bare = screen.text.replace(BLACK_ON_WHITE, "").replace(PLAIN, "");
        assert_eq!(
            *bare,
            **DRAWING.first(&card(Language::English), WINDOW).text
        );
        let first = screen.text.lines().next().unwrap();
        assert!(
            first.starts_with(BLACK_ON_WHITE) && !first.ends_with(PLAIN),
            "{first:?}"
        );
    }

    #[test]
    fn a_small_window_gets_the_key_first_and_the_code_on_request() {
        for (columns, rows_there) in [(60, 24), (60, 23), (50, 40)] {
            let small = Window {
                columns,
                rows: rows_there,
            };
            let card = card(Language::English);
            let first = DRAWING.first(&card, small);
            assert!(!holds_the_code(&rows(&first)), "{columns}x{rows_there}");
            assert_eq!(first.text.matches(KEY).count(), 2);
            assert!(first.text.contains("type q"), "{}", *first.text);
            let asked_for = DRAWING.on_request(&card, small);
            assert!(holds_the_code(&rows(&asked_for)), "{columns}x{rows_there}");
        }
    }

    #[test]
    fn a_window_too_small_for_the_code_keeps_to_the_key() {
        let tiny = Window {
            columns: 40,
            rows: 12,
        };
        let screen = DRAWING.on_request(&card(Language::English), tiny);
        assert_eq!(screen.text.matches(KEY).count(), 2);
        let ascii = Drawing {
            letters: Letters::Ascii,
            ..DRAWING
        };
        let screen = ascii.on_request(&card(Language::English), WINDOW);
        assert!(!screen.text.contains('#'));
    }

    #[test]
    fn who_wants_no_code_is_not_told_how_to_get_one() {
        let none = Drawing {
            letters: Letters::None,
            ..DRAWING
        };
        let screen = none.first(&card(Language::English), WINDOW);
        assert!(!screen.text.contains('█') && !screen.text.contains("type q"));
        assert_eq!(screen.text.matches(KEY).count(), 2);
    }
}
