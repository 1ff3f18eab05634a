//! The files of `tests/vectors`: lines of `name: value` with the expectation on top, then an empty
//! line and rows of words.

/// The value of the line `name: value`.
pub(crate) fn field<'a>(file: &'a str, name: &str) -> &'a str {
    file.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        .unwrap_or_else(|| panic!("no line {name}"))
}

/// The words of each row.
pub(crate) fn rows(file: &str) -> impl Iterator<Item = Vec<&str>> {
    let (_, rows) = file.split_once("\n\n").expect("no rows");
    rows.lines().map(|row| row.split(' ').collect())
}

/// The bytes of hexadecimal digits.
pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    hex.as_bytes().chunks(2).map(digits).collect()
}
