//! What is left to pay for each line, and what a promotion takes of it.

use entities::ids::ProductId;

use super::cart::PricedCart;
use super::promotion::{Promotion, Reduction, Scope};
use super::rounding::{part, spread};

/// All of a percentage, in hundredths of a percent.
const ALL_BASIS_POINTS: i64 = 10_000;

/// What is left to pay, line by line.
#[derive(Clone)]
pub struct Left {
    lines: Vec<LineLeft>,
    /// Products with their lines, in order.
    by_product: Vec<(ProductId, usize)>,
}

#[derive(Clone, Copy)]
struct LineLeft {
    minor: i64,
    /// Units to pay for.
    units: i64,
}

/// What is taken of one line, and how many of its units are not to be paid for any more.
pub struct Taking {
    pub line: usize,
    pub minor: i64,
    units: i64,
}

impl Taking {
    fn of_price(line: usize, minor: i64) -> Self {
        Self { line, minor, units: 0 }
    }
}

impl Left {
    /// Everything.
    pub fn of<K>(cart: &PricedCart<K>) -> Self {
        let lines = cart.lines().iter();
        let mut by_product: Vec<_> = lines.clone().enumerate().map(|(at, line)| (line.product, at)).collect();
        by_product.sort_unstable();
        let line = |minor, units| LineLeft { minor, units };
        Self { lines: lines.map(|item| line(item.subtotal_minor(), item.quantity)).collect(), by_product }
    }

    /// The lines a promotion may take from, none when the products it names are not there.
    pub fn targets(&self, promotion: &Promotion) -> Vec<usize> {
        match (&promotion.reduction, &promotion.target.products) {
            (Reduction::FreeProduct { product, .. }, _) => self.lines_of(*product).collect(),
            (_, Some(products)) => products.iter().flat_map(|product| self.lines_of(*product)).collect(),
            (_, None) => (0..self.lines.len()).collect(),
        }
    }

    fn lines_of(&self, product: ProductId) -> impl Iterator<Item = usize> {
        let from = self.by_product.partition_point(|(other, _)| *other < product);
        let pairs = self.by_product[from..].iter();
        pairs.take_while(move |(other, _)| *other == product).map(|(_, line)| *line)
    }

    /// What a promotion takes of these lines, each more than 0 and at most what is left.
    pub fn takings(&self, promotion: &Promotion, targets: &[usize]) -> Vec<Taking> {
        let mut takings = match (promotion.reduction, promotion.target.scope) {
            (Reduction::FreeProduct { quantity, .. }, _) => self.free_units(quantity, targets),
            (_, Scope::AcrossLines) => self.across(promotion.reduction, targets),
            (_, Scope::PerLine) => self.per_line(promotion.reduction, targets),
        };
        takings.retain(|taking| taking.minor > 0);
        takings
    }

    pub fn take(&mut self, takings: &[Taking]) {
        for taking in takings {
            let line = &mut self.lines[taking.line];
            line.minor -= taking.minor;
            line.units -= taking.units;
        }
    }

    fn across(&self, reduction: Reduction, targets: &[usize]) -> Vec<Taking> {
        let weights: Vec<i64> = targets.iter().map(|at| self.lines[*at].minor).collect();
        let together = LineLeft { minor: weights.iter().sum(), units: 1 };
        let parts = spread(together.reduced(reduction), &weights);
        targets.iter().zip(parts).map(|(at, minor)| Taking::of_price(*at, minor)).collect()
    }

    fn per_line(&self, reduction: Reduction, targets: &[usize]) -> Vec<Taking> {
        let taken = |at: usize| Taking::of_price(at, self.lines[at].reduced(reduction));
        targets.iter().map(|at| taken(*at)).collect()
    }

    /// The cheapest units that still cost something.
    fn free_units(&self, quantity: i64, targets: &[usize]) -> Vec<Taking> {
        let mut lines: Vec<usize> = targets.iter().copied().filter(|at| self.lines[*at].minor > 0).collect();
        lines.sort_by(|a, b| self.lines[*a].cmp_unit(&self.lines[*b]).then(a.cmp(b)));
        let mut wanted = quantity.max(0);
        let mut free = |at: usize| {
            let line = self.lines[at];
            let units = line.units.min(wanted);
            wanted -= units;
            Taking { line: at, minor: part(line.minor, units, line.units), units }
        };
        lines.into_iter().map(&mut free).collect()
    }
}

impl LineLeft {
    /// How much less is to be paid, at most all.
    fn reduced(self, reduction: Reduction) -> i64 {
        match reduction {
            Reduction::PercentageOff(basis_points) => part(self.minor, basis_points.into(), ALL_BASIS_POINTS),
            Reduction::AmountOff(amount) => amount.minor.max(0).saturating_mul(self.units).min(self.minor),
            // Units are taken one by one, not from the price.
            Reduction::FreeProduct { .. } => 0,
        }
    }

    /// Which has less left for a unit, without dividing.
    fn cmp_unit(&self, other: &Self) -> std::cmp::Ordering {
        let times = |minor: i64, units: i64| i128::from(minor) * i128::from(units);
        times(self.minor, other.units).cmp(&times(other.minor, self.units))
    }
}
