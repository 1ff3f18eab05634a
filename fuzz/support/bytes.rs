//! The fuzzer's bytes as choices.

/// What is left of an input. At its end every choice is the first one.
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    /// One byte.
    pub fn byte(&mut self) -> u8 {
        let (first, rest) = match self.0.split_first() {
            Some((first, rest)) => (*first, rest),
            None => (0, self.0),
        };
        self.0 = rest;
        first
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u8) -> u8 {
        self.byte() % end
    }

    /// True once in sixteen times.
    pub fn seldom(&mut self) -> bool {
        self.below(16) == 1
    }

    /// Some bytes as they are.
    pub fn some(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte()).min(self.0.len());
        let (some, rest) = self.0.split_at(length);
        self.0 = rest;
        some
    }

    /// Whether there are none left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
