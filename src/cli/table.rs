//! Columns of text for a terminal.

use unicode_width::UnicodeWidthStr;

/// Blanks between two columns.
const GAP: usize = 2;

/// The rows as lines whose columns stand under each other, each as wide as its widest cell. A
/// letter may be two columns wide, or none; there are no blanks at the ends of lines.
pub(crate) fn lines<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let mut widths = [0; COLUMNS];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.width() + GAP));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.truncate(text.trim_end_matches('\n').len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(cells: &[[&str; 3]]) -> Vec<[String; 3]> {
        cells.iter().map(|row| row.map(str::to_owned)).collect()
    }

    #[test]
    fn columns_stand_under_each_other() {
        let text = lines(&rows(&[["USER", "CODE", "NOTE"], ["anna.kovacs", "-", ""]]));
        assert_eq!(text, "USER         CODE  NOTE\nanna.kovacs  -");
    }

    #[test]
    fn wide_letters_count_twice_and_combining_ones_not_at_all() {
        let cells = [["\u{6771}\u{4eac}", "a", "x"], ["ja\u{301}", "b", "y"]];
        let text = lines(&rows(&cells));
        assert_eq!(text, "\u{6771}\u{4eac}  a  x\nja\u{301}    b  y");
    }

    #[test]
    fn no_rows_are_no_lines() {
        assert_eq!(lines(&rows(&[])), "");
    }
}
