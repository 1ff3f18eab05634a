//! How long an attack goes on: short in `sh tests/run.sh`, longer on request (`--long`).

/// Whether the long form was asked for.
#[must_use]
pub fn is_long() -> bool {
    std::env::var_os("KAPU_ATTACK_LONG").is_some_and(|value| !value.is_empty())
}

/// How often something is tried: `short`, or `long` on request.
#[must_use]
pub fn effort<T>(short: T, long: T) -> T {
    if is_long() { long } else { short }
}
