//! Lower-case hexadecimal digits.

/// Two digits for each byte.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Exactly `N` bytes of lower-case digits; anything else is `None`, so that a document has one
/// spelling for one value.
pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_being_written_and_read() {
        let bytes = *b"\x00\x0f\x7f\x80\xff";
        assert_eq!(encode(&bytes), "000f7f80ff");
        assert_eq!(decode("000f7f80ff"), Some(bytes));
    }

    #[test]
    fn only_the_exact_number_of_lower_case_digits_is_read() {
        for text in ["", "00", "00000", "0000000", "00000A", "00000g", "0000é"] {
            assert_eq!(decode::<3>(text), None, "{text}");
        }
    }
}
