//! What a person needs to bring a new key into the app.

use crate::grouping::{GROUP, grouped};
use crate::messages::{Message, Texts};
use crate::record::{CodeShape, MovingFactor};
use crate::secret::Secret;

/// A new key as people and apps read it. It is shown once, by a dialog, and never stored.
#[derive(Debug)]
pub struct KeyCard<'a> {
    /// The words around it.
    pub texts: Texts,
    /// What the app will call this host.
    pub site: &'a str,
    /// What the app will call the account.
    pub user: &'a str,
    /// How the codes are made.
    pub shape: CodeShape,
    /// The key in base32 (RFC 4648), without blanks or padding.
    pub key: Secret,
    /// The otpauth URI: what the QR code holds.
    pub uri: Secret,
}

impl KeyCard<'_> {
    /// The key in groups of four letters, `per_line` groups a line.
    #[must_use]
    pub fn key_lines(&self, per_line: usize) -> Vec<Secret> {
        self.key
            .expose()
            .chunks(GROUP.saturating_mul(per_line.max(1)))
            .map(|line| grouped(line, b' '))
            .collect()
    }

    /// The name under which the app will show the key, and what kind of key it is.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        let (kind, shape, period) = match self.shape.moving {
            MovingFactor::Time { period } => {
                (Message::AsideType, Message::AsideShape, period.to_string())
            }
            MovingFactor::Counter => (
                Message::AsideTypeCounter,
                Message::AsideShapeCounter,
                String::new(),
            ),
        };
        let mut labels = vec![
            self.texts.fill(
                Message::AsideName,
                &[("site", self.site), ("user", self.user)],
            ),
            self.texts.say(kind),
        ];
        if !self.shape.is_usual() {
            labels.push(self.texts.fill(
                shape,
                &[
                    ("algorithm", self.shape.algorithm.word()),
                    ("digits", &self.shape.digits.to_string()),
                    ("period", &period),
                ],
            ));
        }
        labels
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Language;

    fn card(key: &str) -> KeyCard<'static> {
        KeyCard {
            texts: Texts {
                language: Language::English,
                unicode: true,
            },
            site: "server1",
            user: "anna",
            shape: CodeShape::USUAL,
            key: Secret::copy_of(key.as_bytes()),
            uri: Secret::copy_of(b""),
        }
    }

    fn lines(key: &str, per_line: usize) -> Vec<String> {
        card(key)
            .key_lines(per_line)
            .iter()
            .map(|line| line.expose_text().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn a_key_stands_in_groups_of_four() {
        assert_eq!(
            lines("JBSWY3DPEHPK3PXPJBSW", 4),
            ["JBSW Y3DP EHPK 3PXP", "JBSW"]
        );
        assert_eq!(lines("ABCDEF", 1), ["ABCD", "EF"]);
        assert_eq!(lines("", 4), [""; 0]);
    }

    #[test]
    fn only_an_unusual_shape_is_named() {
        assert_eq!(
            card("").labels(),
            ["Name: server1 (anna)", "Type: time-based"]
        );
        let shape = CodeShape {
            digits: 8,
            ..CodeShape::USUAL
        };
        let unusual = KeyCard { shape, ..card("") };
        assert_eq!(
            unusual.labels().last().unwrap(),
            "SHA1, 8 digits, 30 seconds"
        );
    }

    #[test]
    fn a_counter_based_key_is_called_that_and_has_no_seconds() {
        let moving = MovingFactor::Counter;
        let counter = |digits| KeyCard {
            shape: CodeShape {
                digits,
                moving,
                ..CodeShape::USUAL
            },
            ..card("")
        };
        let kind = "Type: counter-based";
        assert_eq!(counter(6).labels(), ["Name: server1 (anna)", kind]);
        assert_eq!(counter(8).labels()[1..], [kind, "SHA1, 8 digits"]);
    }
}
