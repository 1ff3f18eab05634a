//! What a person copies from the screen while a device is set up.

/// The groups of a code on paper, as the dialog asks for them.
pub const ORDINALS: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];
const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The key that was shown last.
pub fn key(screen: &str) -> Option<Vec<u8>> {
    let (_, uri) = screen.rsplit_once("otpauth://")?;
    let (_, secret) = uri.split_once("secret=")?;
    let letters = secret.chars().take_while(char::is_ascii_alphanumeric);
    let (mut key, mut buffer, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in letters {
        buffer = buffer << 5 | u32::try_from(BASE32.find(letter)?).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            key.push(u8::try_from(buffer >> bits & 0xff).ok()?);
        }
    }
    Some(key)
}

/// The code on paper that was shown last.
pub fn paper_code(screen: &str) -> Option<String> {
    let is_code = |line: &&str| {
        let groups: Vec<&str> = line.split('-').collect();
        groups.len() == ORDINALS.len() && groups.iter().all(|group| group.len() == 4)
    };
    let shown = screen.lines().map(str::trim).rfind(is_code);
    shown.map(str::to_owned)
}
