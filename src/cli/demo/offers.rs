//! What Aurora Cinemas offers, and to whom.

use entities::ids::OfferId;
use entities::offer;
use entities::timestamp::Timestamp;
use entities::values::{BenefitKind, ConsentPurpose, OfferStatus};
use serde_json::json;

use super::DAY;
use super::catalogue::{Catalogue, POPCORN_SMALL};
use super::offer_texts::{
    COME_BACK, FAMILY_MATINEE, FOYER_QUIZ, FREE_POPCORN, KIOSK_COMBO, PREVIEW_NIGHT, RATE_YOUR_FILM,
    SPRING_PREMIERES, STREAM_TRIAL, SUMMER_PASS, Text, WEEKDAY_LOYAL, WELCOME_APP,
};
use crate::kernel::ids::Ids;

/// The offers that baskets of the past have used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    WelcomeApp,
    FamilyMatinee,
    WeekdayLoyal,
    ComeBack,
    FreePopcorn,
    StreamTrial,
    KioskCombo,
}

impl Used {
    pub const COUNT: usize = 7;

    /// How often one customer may.
    pub fn limit(self) -> u32 {
        match self {
            Self::WelcomeApp | Self::ComeBack | Self::StreamTrial => 1,
            Self::FamilyMatinee => 6,
            Self::FreePopcorn => 4,
            Self::WeekdayLoyal | Self::KioskCombo => 12,
        }
    }
}

/// All offers.
#[derive(Debug)]
pub struct Offers {
    pub rows: Vec<offer::Model>,
}

impl Offers {
    pub fn id(&self, used: Used) -> OfferId {
        self.rows[used as usize].id
    }

    pub fn build(ids: &Ids, now: Timestamp, catalogue: &Catalogue) -> Self {
        let mut rows = Vec::new();
        let mut add = |text: Text, change: &dyn Fn(&mut offer::Model)| {
            let created_at = Timestamp(now.millis() - text.days_old * DAY);
            let mut row = text.into_row(ids, created_at);
            change(&mut row);
            rows.push(row);
        };
        let percent = |row: &mut offer::Model, basis_points| {
            row.benefit_kind = Some(BenefitKind::PercentageOff);
            row.benefit_basis_points = Some(basis_points);
        };
        let amount = |row: &mut offer::Model, minor| {
            row.benefit_kind = Some(BenefitKind::AmountOff);
            row.benefit_minor = Some(minor);
            row.benefit_currency = Some("EUR".to_owned());
        };
        let limit =
            |row: &mut offer::Model, used: Used| row.limit_per_customer = Some(i64::from(used.limit()));
        // The first seven stand in the order of `Used`.
        add(WELCOME_APP, &|row| {
            amount(row, 500);
            limit(row, Used::WelcomeApp);
            row.limit_total = Some(50_000);
        });
        add(FAMILY_MATINEE, &|row| {
            amount(row, 600);
            limit(row, Used::FamilyMatinee);
        });
        add(WEEKDAY_LOYAL, &|row| {
            percent(row, 1500);
            limit(row, Used::WeekdayLoyal);
            // From Monday to Thursday.
            row.weekdays = json!([1, 2, 3, 4]);
        });
        add(COME_BACK, &|row| {
            percent(row, 2500);
            limit(row, Used::ComeBack);
            row.consent = Some(ConsentPurpose::Marketing);
        });
        add(FREE_POPCORN, &|row| {
            row.benefit_kind = Some(BenefitKind::FreeProduct);
            row.benefit_product_id = Some(catalogue.concessions[POPCORN_SMALL].id);
            limit(row, Used::FreePopcorn);
        });
        add(STREAM_TRIAL, &|row| {
            percent(row, 5000);
            limit(row, Used::StreamTrial);
        });
        add(KIOSK_COMBO, &|row| {
            amount(row, 200);
            limit(row, Used::KioskCombo);
        });
        add(PREVIEW_NIGHT, &|_| {});
        add(RATE_YOUR_FILM, &|_| {});
        add(FOYER_QUIZ, &|row| row.status = OfferStatus::Paused);
        add(SUMMER_PASS, &|row| {
            row.status = OfferStatus::Ended;
            percent(row, 2000);
            row.starts_at = Some(row.created_at);
            row.ends_at = Some(Timestamp(row.created_at.millis() + 92 * DAY));
        });
        add(SPRING_PREMIERES, &|row| {
            row.status = OfferStatus::Draft;
            percent(row, 1000);
            row.starts_at = Some(Timestamp(now.millis() + 14 * DAY));
            row.ends_at = Some(Timestamp(now.millis() + 60 * DAY));
            row.limit_total = Some(2_000);
        });
        Self { rows }
    }
}
