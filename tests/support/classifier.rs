//! What a stranger can tell from durations.

/// How well one can tell two kinds of samples apart by their size alone: the probability that of one
/// sample of each kind the guess which is which is right. 0.5 is not at all, 1 is always. It is the
/// area under the ROC curve, or the statistic of Mann and Whitney over the number of pairs.
///
/// # Panics
/// When there are no samples of a kind.
#[must_use]
pub fn distinguishable(one: &[u64], other: &[u64]) -> f64 {
    assert!(!one.is_empty() && !other.is_empty());
    let mut all: Vec<(u64, bool)> = one.iter().map(|size| (*size, true)).collect();
    all.extend(other.iter().map(|size| (*size, false)));
    all.sort_unstable();
    // Of equal samples half of the pairs count.
    let mut smaller = 0_u64;
    let mut doubled = 0_u64;
    for equal in all.chunk_by(|a, b| a.0 == b.0) {
        let ones = equal.iter().filter(|(_, is_one)| *is_one).count() as u64;
        let others = equal.len() as u64 - ones;
        doubled += ones * (2 * smaller + others);
        smaller += others;
    }
    let pairs = (one.len() * other.len()) as f64;
    let area = doubled as f64 / 2.0 / pairs;
    area.max(1.0 - area)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_overlaps_is_told_apart_and_what_is_equal_is_not() {
        assert!((distinguishable(&[1, 2, 3], &[4, 5]) - 1.0).abs() < 1e-9);
        assert!((distinguishable(&[4, 5], &[1, 2, 3]) - 1.0).abs() < 1e-9);
        assert!((distinguishable(&[7, 7], &[7, 7, 7]) - 0.5).abs() < 1e-9);
        assert!((distinguishable(&[1, 3], &[2, 4]) - 0.75).abs() < 1e-9);
    }
}
