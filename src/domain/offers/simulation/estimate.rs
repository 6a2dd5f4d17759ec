//! What a part says of the whole: how many there are in all, and between which bounds.

/// How many of how many customers were looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub of: u64,
    pub all: u64,
}

/// How many of all customers something is true of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Of how many of those looked at.
    pub customers: u64,
    /// The same as a share of those looked at, and its bounds.
    pub share: f64,
    pub low: f64,
    pub high: f64,
    /// Of how many of all, and its bounds.
    pub all: u64,
    pub all_low: u64,
    pub all_high: u64,
}

/// Bounds that hold in 95 of 100 samples.
const Z: f64 = 1.959_963_984_540_054;

impl Part {
    /// Wilson's score interval, which holds for small samples and rare things, too. Where everybody was looked at
    /// there is nothing to estimate.
    pub fn estimate(self, customers: u64) -> Estimate {
        if self.of >= self.all {
            let share = if self.of == 0 { 0.0 } else { customers as f64 / self.of as f64 };
            let (low, high, all) = (share, share, customers);
            return Estimate { customers, share, low, high, all, all_low: all, all_high: all };
        }
        let (low, high) = wilson(customers, self.of);
        let share = if self.of == 0 { 0.0 } else { customers as f64 / self.of as f64 };
        let rest = self.all - (self.of - customers);
        let scaled = |share: f64| (share * self.all as f64).round() as u64;
        Estimate {
            customers,
            share,
            low,
            high,
            all: scaled(share),
            // So many were seen already, and so many were seen to be others.
            all_low: scaled(low).max(customers),
            all_high: scaled(high).min(rest),
        }
    }

    /// What was taken by those looked at, as if all did so; rounded down.
    pub fn of_all(self, taken: i64) -> i64 {
        self.scaled(i128::from(taken), 0)
    }

    /// The same, rounded to the nearest.
    pub fn nearest(self, taken: i128) -> i64 {
        self.scaled(taken, i128::from(self.of) / 2)
    }

    fn scaled(self, taken: i128, rounding: i128) -> i64 {
        let (of, all) = (i128::from(self.of.max(1)), i128::from(self.all.max(self.of)));
        let scaled = taken.saturating_mul(all).saturating_add(rounding) / of;
        i64::try_from(scaled).unwrap_or(i64::MAX)
    }
}

fn wilson(hits: u64, of: u64) -> (f64, f64) {
    if of == 0 {
        return (0.0, 1.0);
    }
    let (n, share) = (of as f64, hits as f64 / of as f64);
    let square = Z * Z;
    let middle = share + square / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + square / (4.0 * n * n)).sqrt();
    let by = 1.0 + square / n;
    (((middle - half) / by).max(0.0), ((middle + half) / by).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_those_of_wilson() {
        // Newcombe 1998, table I.
        for (hits, of, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let found = wilson(hits, of);
            assert!(
                (found.0 - low).abs() < 5e-5 && (found.1 - high).abs() < 5e-5,
                "{hits} of {of}: {found:?}"
            );
        }
    }

    #[test]
    fn a_part_is_scaled_and_the_whole_is_as_it_is() {
        let whole = Part { of: 8, all: 8 }.estimate(2);
        assert_eq!((whole.share, whole.low, whole.high), (0.25, 0.25, 0.25));
        assert_eq!((whole.all, whole.all_low, whole.all_high), (2, 2, 2));
        let part = Part { of: 263, all: 2_630 }.estimate(81);
        assert_eq!((part.all, part.all_low, part.all_high), (810, 671, 963));
        let most = Part { of: 9, all: 10 }.estimate(9);
        assert_eq!((most.all, most.all_low, most.all_high), (10, 9, 10));
        let none = Part { of: 9, all: 10 }.estimate(0);
        assert_eq!((none.all, none.all_low, none.all_high), (0, 0, 1));
        let nobody = Part { of: 0, all: 0 }.estimate(0);
        assert_eq!((nobody.share, nobody.all_high), (0.0, 0));
        let unseen = Part { of: 0, all: 7 }.estimate(0);
        assert_eq!((unseen.low, unseen.high, unseen.all_high), (0.0, 1.0, 7));
    }

    #[test]
    fn amounts_are_scaled_without_floats() {
        let third = Part { of: 3, all: 10 };
        assert_eq!((third.of_all(1), third.of_all(2), third.of_all(3)), (3, 6, 10));
        assert_eq!((third.nearest(1), third.nearest(2)), (3, 7));
        let whole = Part { of: 4, all: 4 };
        assert_eq!((whole.of_all(i64::MAX), whole.nearest(99)), (i64::MAX, 99));
        assert_eq!(Part { of: 1, all: 9 }.of_all(i64::MAX), i64::MAX);
    }
}
