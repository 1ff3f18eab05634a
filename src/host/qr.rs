//! QR codes as text.
//!
//! A drawing paints its modules with *ink*, the colour of the letters. On paper, and where we set
//! the colours ourselves, ink is the dark modules; on a dark terminal whose colours are not
//! ours, letters are light, so ink must be the light modules and the frame around them.
//!
//! A drawing is as secret as the key in it. It is not wiped, as the `qrcode` crate wipes nothing
//! either: the process that draws it, a program or sshd's child for one login, is about to end.

use kapu_core::secret::Secret;
use qrcode::{EcLevel, QrCode};

/// Modules of the frame that the standard asks for (ISO/IEC 18004 section 9.1).
pub const FULL_FRAME: usize = 4;
/// The narrowest frame that phones were seen to read every time.
pub const NARROW_FRAME: usize = 2;

/// A QR code: a square of dark and light modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    width: usize,
    dark: Vec<bool>,
}

/// Which modules the letters paint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// The dark ones: black letters on white.
    Dark,
    /// The light ones: white letters on black.
    Light,
}

impl Ink {
    /// The other one.
    #[must_use]
    pub const fn inverted(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Dark,
        }
    }
}

impl Qr {
    /// The smallest QR code that holds `text`, at the lowest level of error correction: a screen
    /// has no scratches, and fewer modules are larger ones. `None` where no size is enough.
    #[must_use]
    pub fn of(text: &[u8]) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
        let dark = code
            .to_colors()
            .into_iter()
            .map(|color| color == qrcode::Color::Dark)
            .collect();
        Some(Self {
            width: code.width(),
            dark,
        })
    }

    /// One letter for two modules, one above the other: `█`, `▀`, `▄` and blank.
    #[must_use]
    pub fn half_blocks(&self, frame: usize, ink: Ink) -> Vec<String> {
        let side = self.width + 2 * frame;
        let row = |top: usize| {
            let module = |x| {
                let upper = self.inked(x, top, frame, ink);
                let lower = self.inked(x, top + 1, frame, ink);
                match (upper, lower) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                }
            };
            (0..side).map(module).collect()
        };
        (0..side).step_by(2).map(row).collect()
    }

    /// Two letters for a module, `##` or blanks: for displays that know nothing but ASCII.
    #[must_use]
    pub fn ascii(&self, frame: usize, ink: Ink) -> Vec<String> {
        let side = self.width + 2 * frame;
        let module = |x, y| match self.inked(x, y, frame, ink) {
            true => "##",
            false => "  ",
        };
        (0..side)
            .map(|y| (0..side).map(|x| module(x, y)).collect())
            .collect()
    }

    /// The drawing of a login's dialog, where nobody sets colours: light letters, as most terminals
    /// have them, in half blocks or, where `plain`, in ASCII.
    #[must_use]
    pub fn in_a_dialog(text: &Secret, plain: bool) -> Option<Secret> {
        let qr = Self::of(text.expose())?;
        let rows = if plain {
            qr.ascii(NARROW_FRAME, Ink::Light)
        } else {
            qr.half_blocks(NARROW_FRAME, Ink::Light)
        };
        Some(Secret::from(rows.join("\n")))
    }

    /// Whether the module at this place of the framed square is painted. All that lies outside
    /// the code is light.
    fn inked(&self, x: usize, y: usize, frame: usize, ink: Ink) -> bool {
        self.is_dark(x, y, frame) == (ink == Ink::Dark)
    }

    fn is_dark(&self, x: usize, y: usize, frame: usize) -> bool {
        match (x.checked_sub(frame), y.checked_sub(frame)) {
            (Some(x), Some(y)) if x < self.width => {
                self.dark.get(y * self.width + x).copied().unwrap_or(false)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URI: &[u8] =
        b"otpauth://totp/server1:anna?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=server1";

    fn code() -> Qr {
        Qr::of(URI).unwrap()
    }

    /// The square that a drawing shows, without its frame.
    fn reread(modules: &[Vec<bool>], frame: usize, ink: Ink) -> Qr {
        let side = modules[0].len();
        let width = side - 2 * frame;
        let dark = |x: usize, y: usize| modules[y][x] == (ink == Ink::Dark);
        for y in 0..side {
            for x in 0..side {
                let framed =
                    (frame..frame + width).contains(&x) && (frame..frame + width).contains(&y);
                assert!(framed || !dark(x, y), "the frame is dark at {x}, {y}");
            }
        }
        Qr {
            width,
            dark: (0..width * width)
                .map(|index| dark(frame + index % width, frame + index / width))
                .collect(),
        }
    }

    #[test]
    fn half_blocks_hold_exactly_the_modules() {
        for frame in [NARROW_FRAME, FULL_FRAME, 1] {
            for ink in [Ink::Dark, Ink::Light] {
                let rows = code().half_blocks(frame, ink);
                let mut modules = Vec::new();
                for row in &rows {
                    modules.push(row.chars().map(|c| "█▀".contains(c)).collect::<Vec<_>>());
                    modules.push(row.chars().map(|c| "█▄".contains(c)).collect());
                }
                assert_eq!(reread(&modules, frame, ink), code());
            }
        }
    }

    #[test]
    fn ascii_holds_exactly_the_modules() {
        for ink in [Ink::Dark, Ink::Light] {
            let rows = code().ascii(FULL_FRAME, ink);
            let modules: Vec<Vec<bool>> = rows
                .iter()
                .map(|row| row.as_bytes().chunks(2).map(|pair| pair == b"##").collect())
                .collect();
            assert_eq!(reread(&modules, FULL_FRAME, ink), code());
            assert!(rows.iter().all(|row| row.is_ascii()));
        }
    }

    #[test]
    fn what_no_qr_code_can_hold_is_none() {
        assert_eq!(Qr::of(&[b'x'; 10_000]), None);
    }
}
