//! Parts of amounts: rounded half up, or spread so that nothing is lost.

use std::cmp::Reverse;

/// The part `count` of `of` of an amount that is not negative, rounded half up: never more than the amount. Nothing
/// for a count of 0 or less.
pub fn part(amount: i64, count: i64, of: i64) -> i64 {
    if count <= 0 || of <= 0 {
        return 0;
    }
    if count >= of {
        return amount;
    }
    let (part, remainder) = divide(amount, count, of);
    part + i64::from(remainder >= of - remainder)
}

/// Spreads an amount, at most the sum of the weights, over them in proportion, by largest remainder; of equal
/// remainders the earlier wins. No part is more than its weight. Neither amount nor weights may be negative, and
/// the sum must fit, as that of a cart does.
pub fn spread(amount: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i64 = weights.iter().sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let amount = amount.min(sum);
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    for (at, weight) in weights.iter().enumerate() {
        let (part, remainder) = divide(amount, *weight, sum);
        parts.push(part);
        remainders.push((Reverse(remainder), at));
    }
    let spare = usize::try_from(amount - parts.iter().sum::<i64>()).unwrap_or_default();
    if spare == 0 {
        return parts;
    }
    // The remainders add up to the spare units: more of them than there are spare units are above 0.
    remainders.select_nth_unstable(spare);
    for (_, at) in &remainders[..spare] {
        parts[*at] += 1;
    }
    parts
}

/// The part `weight` of `sum` of an amount, rounded down, and what remains over. The weight is at most the sum.
fn divide(amount: i64, weight: i64, sum: i64) -> (i64, i64) {
    // Dividing 64 bits is several times faster, and real carts stay within them.
    if let Some(exact) = amount.checked_mul(weight) {
        return (exact / sum, exact % sum);
    }
    let (exact, sum) = (i128::from(amount) * i128::from(weight), i128::from(sum));
    // The part is at most the amount, the remainder less than the sum.
    let narrow = |value: i128| i64::try_from(value).unwrap_or(i64::MAX);
    (narrow(exact / sum), narrow(exact % sum))
}

#[cfg(test)]
mod tests {
    use super::{part, spread};

    #[test]
    fn halves_are_rounded_up() {
        for (amount, count, of, expected) in [
            (100, 1_250, 10_000, 13),
            (100, 1_249, 10_000, 12),
            (1, 4_999, 10_000, 0),
            (1, 5_000, 10_000, 1),
            (1_000, 1, 3, 333),
            (7, 10_000, 10_000, 7),
            (7, 20_000, 10_000, 7),
            (7, -1, 10_000, 0),
            (i64::MAX, 9_999, 10_000, 9_222_449_699_651_090_329),
        ] {
            assert_eq!(part(amount, count, of), expected, "{count} of {of} of {amount}");
        }
    }

    #[test]
    fn spare_units_go_to_the_largest_remainders_and_then_to_the_first() {
        for (amount, weights, expected) in [
            (100, vec![5, 5, 5, 500], vec![1, 1, 1, 97]),
            (100, vec![100, 100, 100], vec![34, 33, 33]),
            (200, vec![100, 100, 100], vec![67, 67, 66]),
            (10, vec![15, 25, 60], vec![2, 2, 6]),
            (1, vec![1, 2, 0], vec![0, 1, 0]),
            (3, vec![1, 2, 0], vec![1, 2, 0]),
            (0, vec![1, 2], vec![0, 0]),
            (0, vec![0, 0], vec![0, 0]),
            (0, vec![], vec![]),
            (9, vec![1, 2], vec![1, 2]),
            (i64::MAX, vec![i64::MAX - 1, 1], vec![i64::MAX - 1, 1]),
            (i64::MAX - 1, vec![i64::MAX - 1, 1], vec![i64::MAX - 2, 1]),
        ] {
            assert_eq!(spread(amount, &weights), expected, "{amount} over {weights:?}");
        }
    }
}
