//! Every text that a person sees, English and Hungarian side by side.

/// A language of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Hungarian.
    Hungarian,
}
