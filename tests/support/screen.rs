//! What a terminal of 24 rows shows after some bytes: just enough of ECMA-48 for our programs.

/// Whether a terminal's plain text is light on dark, or dark on light.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Light letters on a dark ground.
    Dark,
    /// Dark letters on a light ground.
    Light,
}

/// A colour, as far as a camera tells it: `None` is the theme's own.
type Light = Option<bool>;

/// One place of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    /// The letter.
    pub(crate) letter: char,
    ink: Light,
    ground: Light,
    reversed: bool,
}

const BLANK: Cell = Cell {
    letter: ' ',
    ink: None,
    ground: None,
    reversed: false,
};

impl Cell {
    /// Whether ink and ground are light, in this theme.
    pub(crate) fn lights(self, theme: Theme) -> (bool, bool) {
        let dark = theme == Theme::Dark;
        let (ink, ground) = (self.ink.unwrap_or(dark), self.ground.unwrap_or(!dark));
        if self.reversed {
            (ground, ink)
        } else {
            (ink, ground)
        }
    }
}

/// The screen. Rows that scroll off the top are kept.
#[derive(Debug, Clone)]
pub struct Screen {
    columns: usize,
    rows: Vec<Vec<Cell>>,
    row: usize,
    column: usize,
    pen: Cell,
    unread: Vec<u8>,
}

impl Screen {
    /// Rows of the terminal.
    pub const ROWS: usize = 24;
    /// Columns of the usual terminal.
    pub const COLUMNS: usize = 80;
    /// Wider than anything that a program writes into a pipe.
    const NO_END: usize = 200;

    /// An empty screen.
    #[must_use]
    pub fn new(columns: usize) -> Self {
        Self {
            columns,
            rows: vec![vec![BLANK; columns]; Self::ROWS],
            row: 0,
            column: 0,
            pen: BLANK,
            unread: Vec::new(),
        }
    }

    /// A screen after a program that knew of no terminal wrote `output`.
    #[must_use]
    pub fn showing(output: &[u8]) -> Self {
        let mut screen = Self::new(Self::NO_END);
        for line in output.split_inclusive(|byte| *byte == b'\n') {
            screen.draw(line);
            // What the terminal driver adds.
            screen.draw(b"\r");
        }
        screen
    }

    /// Its text, row by row, without the blanks at the ends.
    #[must_use]
    pub fn text(&self) -> String {
        let line = |row: &Vec<Cell>| {
            let letters: String = row.iter().map(|cell| cell.letter).collect();
            letters.trim_end().to_owned() + "\n"
        };
        let text: String = self.rows.iter().map(line).collect();
        text.trim_end().to_owned()
    }

    /// All its cells.
    pub(crate) fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// Draws what a program wrote. A sequence may be cut anywhere.
    pub fn draw(&mut self, bytes: &[u8]) {
        let mut pending = std::mem::take(&mut self.unread);
        pending.extend_from_slice(bytes);
        let mut rest = pending.as_slice();
        while let Some((&first, after)) = rest.split_first() {
            let used = match first {
                0x1b => self.escape(after).map(|length| length + 1),
                b'\n' => {
                    self.next_row();
                    Some(1)
                }
                b'\r' => {
                    self.column = 0;
                    Some(1)
                }
                0x08 => {
                    self.column = self.column.saturating_sub(1);
                    Some(1)
                }
                0..=0x1f => Some(1),
                _ => self.letter(rest),
            };
            match used {
                Some(length) => rest = &rest[length..],
                None => break,
            }
        }
        self.unread = rest.to_vec();
    }

    fn next_row(&mut self) {
        self.row += 1;
        if self.row == self.rows.len() {
            self.rows.push(vec![BLANK; self.columns]);
        }
    }

    /// Draws one letter; `None` when its bytes are not all there.
    fn letter(&mut self, bytes: &[u8]) -> Option<usize> {
        let length = match bytes[0] {
            0xf0.. => 4,
            0xe0.. => 3,
            0xc0.. => 2,
            _ => 1,
        };
        let bytes = bytes.get(..length)?;
        let letter = std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| text.chars().next())
            .unwrap_or(char::REPLACEMENT_CHARACTER);
        if self.column == self.columns {
            self.column = 0;
            self.next_row();
        }
        self.rows[self.row][self.column] = Cell { letter, ..self.pen };
        self.column += 1;
        Some(length)
    }

    /// Obeys what follows an ESC; `None` when it is not all there.
    fn escape(&mut self, bytes: &[u8]) -> Option<usize> {
        if *bytes.first()? != b'[' {
            return Some(1);
        }
        let end = bytes
            .iter()
            .skip(1)
            .position(|byte| (0x40..=0x7e).contains(byte))?
            + 1;
        let parameters = String::from_utf8_lossy(&bytes[1..end]).into_owned();
        let numbers: Vec<usize> = parameters
            .split(';')
            .map(|number| number.parse().unwrap_or(0))
            .collect();
        let first = numbers.first().copied().unwrap_or(0);
        match bytes[end] {
            b'm' => self.colour(&numbers),
            b'H' | b'f' => {
                let second = numbers.get(1).copied().unwrap_or(0);
                self.row = self.top() + first.clamp(1, Self::ROWS) - 1;
                self.column = second.clamp(1, self.columns) - 1;
            }
            b'G' => self.column = first.clamp(1, self.columns) - 1,
            b'A' => self.row = self.row.saturating_sub(first.max(1)).max(self.top()),
            b'B' => self.row = (self.row + first.max(1)).min(self.rows.len() - 1),
            b'C' => self.column = (self.column + first.max(1)).min(self.columns - 1),
            b'D' => self.column = self.column.saturating_sub(first.max(1)),
            b'J' => self.erase_screen(first),
            b'K' => self.erase_row(first),
            _ => {}
        }
        Some(end + 1)
    }

    /// The first row that is still to be seen.
    fn top(&self) -> usize {
        self.rows.len() - Self::ROWS
    }

    fn erase_screen(&mut self, which: usize) {
        let (row, top, end) = (self.row, self.top(), self.rows.len());
        let erased = match which {
            0 => row + 1..end,
            1 => top..row,
            _ => top..end,
        };
        self.rows[erased].fill(vec![BLANK; self.columns]);
        if which < 2 {
            self.erase_row(which);
        }
    }

    fn erase_row(&mut self, which: usize) {
        let column = self.column.min(self.columns - 1);
        let erased = match which {
            0 => column..self.columns,
            1 => 0..column + 1,
            _ => 0..self.columns,
        };
        self.rows[self.row][erased].fill(BLANK);
    }

    fn colour(&mut self, numbers: &[usize]) {
        let mut numbers = numbers.iter().copied();
        while let Some(number) = numbers.next() {
            match number {
                0 => self.pen = BLANK,
                7 => self.pen.reversed = true,
                27 => self.pen.reversed = false,
                30 => self.pen.ink = Some(false),
                37 | 97 => self.pen.ink = Some(true),
                39 => self.pen.ink = None,
                40 => self.pen.ground = Some(false),
                47 | 107 => self.pen.ground = Some(true),
                49 => self.pen.ground = None,
                38 => self.pen.ink = extended(&mut numbers),
                48 => self.pen.ground = extended(&mut numbers),
                _ => {}
            }
        }
    }
}

/// A colour by its number in the table of 256, or by red, green and blue.
fn extended(numbers: &mut impl Iterator<Item = usize>) -> Light {
    match numbers.next()? {
        5 => numbers
            .next()
            .map(|number| matches!(number, 7 | 15 | 231 | 244..=255)),
        2 => Some(numbers.take(3).sum::<usize>() > 3 * 128),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_stand_where_the_cursor_was_put() {
        let mut screen = Screen::new(Screen::COLUMNS);
        screen.draw(b"gone\x1b[2J\x1b[2;3Hhere\r\nnext");
        assert_eq!(screen.text(), "\n  here\nnext");
    }

    #[test]
    fn a_sequence_may_come_in_pieces() {
        let mut screen = Screen::new(Screen::COLUMNS);
        for byte in "\x1b[30;47m▀\x1b[0m▄".as_bytes() {
            screen.draw(&[*byte]);
        }
        assert_eq!(screen.text(), "▀▄");
        assert_eq!(screen.rows()[0][0].lights(Theme::Dark), (false, true));
        assert_eq!(screen.rows()[0][1].lights(Theme::Dark), (true, false));
        assert_eq!(screen.rows()[0][1].lights(Theme::Light), (false, true));
    }

    #[test]
    fn reversed_colours_swap() {
        let mut screen = Screen::new(Screen::COLUMNS);
        screen.draw(b"\x1b[38;5;16;48;5;231m\x1b[7mx");
        assert_eq!(screen.rows()[0][0].lights(Theme::Dark), (true, false));
        screen.draw(b"\x1b[0;7mx");
        assert_eq!(screen.rows()[0][1].lights(Theme::Dark), (false, true));
    }
}
