//! The screen as a camera sees it: painted into an image, and read by `zbarimg`.

use std::fs;
use std::process::Command;

use crate::scratch::Scratch;
use crate::screen::{Cell, Screen, Theme};

/// Pixels of a letter: a half block is square, and so are two letters side by side.
const WIDTH: usize = 4;
const HEIGHT: usize = 8;

/// What the QR code on the screen says to a phone, or `None` when it cannot be read.
///
/// # Panics
/// When zbarimg cannot be run.
#[must_use]
pub fn decode_qr(screen: &Screen, theme: Theme) -> Option<String> {
    let scratch = Scratch::new();
    let image = scratch.path().join("screen.pgm");
    fs::write(&image, paint(screen, theme)).expect("an image file");
    let output = Command::new("zbarimg")
        .args(["--quiet", "--raw", "--set", "*.enable=0"])
        .args(["--set", "qrcode.enable=1"])
        .arg(&image)
        .output()
        .expect("zbarimg runs");
    let text = String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// A portable grey map (pgm(5)).
fn paint(screen: &Screen, theme: Theme) -> Vec<u8> {
    let rows = screen.rows();
    let mut image = format!(
        "P5\n{} {}\n255\n",
        rows.first().map_or(0, Vec::len) * WIDTH,
        rows.len() * HEIGHT
    )
    .into_bytes();
    for row in rows {
        for line in 0..HEIGHT {
            for cell in row {
                let light = is_light(*cell, line, theme);
                image.extend([if light { 255 } else { 0 }; WIDTH]);
            }
        }
    }
    image
}

/// Whether the cell is light at this line from its top. Letters other than blocks and `#` are
/// left out: a phone does not mistake them for modules.
fn is_light(cell: Cell, line: usize, theme: Theme) -> bool {
    let upper = line < HEIGHT / 2;
    let inked = match cell.letter {
        '█' | '#' => true,
        '▀' => upper,
        '▄' => !upper,
        _ => false,
    };
    let (ink, ground) = cell.lights(theme);
    if inked { ink } else { ground }
}
