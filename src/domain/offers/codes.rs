//! Codes by which offers are redeemed: one that all share, or many that work once. Of the latter only hashes are
//! kept: whoever made them is told them once.

use std::collections::{HashMap, HashSet};

use entities::ids::{Id, OfferId, RedemptionId};
use entities::timestamp::Timestamp;
use entities::values::{CodeKind, TextEnum};
use entities::{offer, offer_code};
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::db::columnar::{ColumnarInsert, is_any_id};
use crate::db::read::{Column, Param, Row, Select};
use crate::db::topic::Topic;
use crate::db::{Db, outbox};
use crate::domain::customers::rejection::Reason;
use crate::domain::offers::faults::{Faults, Refused};
use crate::domain::offers::lifecycle::is_open;
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;

/// Codes are made before they are used, and never taken away: what is there is changed.
const USED: &str = r#"ON CONFLICT ("code_hash") DO UPDATE SET
    "redeemed_at" = excluded."redeemed_at", "redemption_id" = excluded."redemption_id"
    WHERE "offer_codes"."redeemed_at" IS NULL"#;
/// The most codes that are made at once.
pub const MAX_CODES: usize = 100_000;
/// Codes in one statement.
const CHUNK: usize = 10_000;
/// Digits and capital letters but those that are taken for each other, read or heard: no 0, 1, I, L, O, U.
const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Some 58 bits: of a million codes out, one guess in 10¹¹ hits.
const LENGTH: usize = 12;

/// Whether a text can be a code that all share.
pub fn is_code(code: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    (3..=64).contains(&code.len()) && code.chars().all(is_letter)
}

/// A code as it is compared, however somebody typed it: without blanks and dashes, in capital letters.
pub fn normal(typed: &str) -> String {
    let letters = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
    letters.map(|c| c.to_ascii_uppercase()).collect()
}

/// What is kept of a code that works once.
pub fn hash(code: &str) -> Vec<u8> {
    Sha256::digest(normal(code).as_bytes()).to_vec()
}

/// Makes codes for an offer. They are told here and never again.
pub async fn generate(db: &Db, ids: &Ids, offer: OfferId, count: usize) -> Result<Vec<String>, Refused> {
    let mut faults = Faults::default();
    if !(1..=MAX_CODES).contains(&count) {
        faults.invalid("count", format!("it must be 1 to {MAX_CODES}"));
    }
    let codes = if faults.check().is_ok() { make(ids, count) } else { Vec::new() };
    let done = db
        .write(async |transaction| {
            faults.check()?;
            let row = offer::Entity::find_by_id(offer).lock_exclusive().one(transaction).await?;
            let Some(row) = row else {
                return faults.stop(Reason::NotFound, "offerId", format!("there is no offer `{offer}`"));
            };
            if row.code_kind != Some(CodeKind::SingleUse) {
                let message =
                    "it is not redeemed with codes that work once; give it `codes: { singleUse: true }`";
                faults.add(Reason::Conflict, "offerId", message);
            }
            if !is_open(row.status) {
                let message = format!("the offer is {}; nobody could use them", row.status.text());
                faults.add(Reason::Conflict, "offerId", message);
            }
            faults.check()?;
            for codes in codes.chunks(CHUNK) {
                ColumnarInsert::into("offer_codes", codes.len())
                    .bytes("code_hash", codes.iter().map(|code| hash(code)))
                    .uuids("offer_id", codes.iter().map(|_| offer.uuid()))
                    .run(transaction)
                    .await?;
            }
            Ok(())
        })
        .await;
    faults.settle(done)?;
    Ok(codes)
}

/// Of these hashes those that are codes which can still be used, each with its offer.
pub async fn usable(db: &Db, hashes: &[Vec<u8>]) -> Result<HashMap<Vec<u8>, OfferId>> {
    if hashes.is_empty() {
        return Ok(HashMap::new());
    }
    let unused = Select::<CodeRow>::of(Columns::ALL)
        .any_of("code_hash", Param::ByteLists(hashes.to_vec()))
        .null("redeemed_at");
    Ok(unused.rows(db).await?.into_iter().map(|row| (row.code_hash, row.offer_id)).collect())
}

/// A code that works once.
#[derive(Clone, Debug, Default)]
struct CodeRow {
    code_hash: Vec<u8>,
    offer_id: OfferId,
}

impl Row for CodeRow {
    const TABLE: &'static str = "offer_codes";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("code_hash", |row, cell| cell.read(&mut row.code_hash)),
        Column::new("offer_id", |row, cell| cell.read(&mut row.offer_id)),
    ];
    const TIE: &'static str = "code_hash";
}

/// A code that is used, by its hash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    pub hash: Vec<u8>,
    pub offer: OfferId,
    pub redemption: RedemptionId,
}

/// Uses codes, each if nobody was quicker; whether all were free. If not, the transaction is to be rolled back.
pub async fn redeem(connection: &impl ConnectionTrait, now: Timestamp, mut uses: Vec<Use>) -> Result<bool> {
    // In the order of the key, so that two writers never wait for each other in a circle.
    uses.sort_unstable();
    let used = ColumnarInsert::into("offer_codes", uses.len())
        .bytes("code_hash", uses.iter().map(|one| one.hash.clone()))
        .uuids("offer_id", uses.iter().map(|one| one.offer.uuid()))
        .integers("redeemed_at", uses.iter().map(|_| now.millis()))
        .uuids("redemption_id", uses.iter().map(|one| one.redemption.uuid()))
        .on_conflict(USED)
        .run(connection)
        .await?;
    outbox::announce(connection, uses.iter().map(|one| topic(&one.hash))).await?;
    Ok(used == uses.len() as u64)
}

/// What a cart with the code of this hash depends on.
pub fn topic(hash: &[u8]) -> Topic {
    let mut half = [0; 16];
    half.iter_mut().zip(hash).for_each(|(to, from)| *to = *from);
    Topic::Code(Uuid::from_bytes(half))
}

/// Frees the codes that these redemptions used.
pub async fn free(connection: &impl ConnectionTrait, redemptions: &[RedemptionId]) -> Result<()> {
    if redemptions.is_empty() {
        return Ok(());
    }
    let ids = || redemptions.iter().map(|id| id.uuid());
    let freed: Vec<Vec<u8>> = offer_code::Entity::find()
        .select_only()
        .column(offer_code::Column::CodeHash)
        .filter(is_any_id(connection, "redemption_id", ids()))
        .into_tuple()
        .all(connection)
        .await?;
    outbox::announce(connection, freed.iter().map(|hash| topic(hash))).await?;
    offer_code::Entity::update_many()
        .col_expr(offer_code::Column::RedeemedAt, Expr::value(None::<i64>))
        .col_expr(offer_code::Column::RedemptionId, Expr::value(None::<RedemptionId>))
        .filter(is_any_id(connection, "redemption_id", ids()))
        .exec(connection)
        .await?;
    Ok(())
}

/// The codes as a file for whoever gives them out.
pub fn csv(codes: &[String]) -> String {
    let mut file = String::with_capacity((codes.len() + 1) * (LENGTH + LENGTH / 4));
    file.push_str("code\n");
    for code in codes {
        file.push_str(code);
        file.push('\n');
    }
    file
}

fn make(ids: &Ids, count: usize) -> Vec<String> {
    let mut codes = HashSet::with_capacity(count);
    while codes.len() < count {
        codes.extend(code(&ids.secret()));
    }
    let mut codes: Vec<String> = codes.into_iter().collect();
    codes.sort_unstable();
    codes
}

/// A code of random bytes, in groups of four; none when too few of them can be used.
fn code(random: &[u8; 32]) -> Option<String> {
    // The last bytes would make some letters likelier than others.
    let letters = random.iter().filter(|byte| **byte < 240).map(|byte| ALPHABET[usize::from(*byte) % 30]);
    let letters: Vec<u8> = letters.take(LENGTH).collect();
    let groups = letters.chunks(4).map(std::str::from_utf8).collect::<Result<Vec<_>, _>>().ok()?;
    (letters.len() == LENGTH).then(|| groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_readable_and_each_is_another() {
        let codes = make(&Ids::seeded(1), 10_000);
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), 10_000);
        for code in &codes {
            assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4], "{code}");
            assert!(normal(code).bytes().all(|letter| ALPHABET.contains(&letter)), "{code}");
        }
        let twos = codes.iter().flat_map(|code| code.bytes()).filter(|letter| *letter == b'2').count();
        assert!((3_700..4_300).contains(&twos), "{twos} of 120,000 letters by 30");
        assert_eq!(code(&[255; 32]), None);
    }

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        assert_eq!(hash("k7qm-2xwp 9rtd"), hash("K7QM2XWP9RTD"));
        assert_ne!(hash("K7QM2XWP9RTD"), hash("K7QM2XWP9RTE"));
        for (code, good) in [("SUMMER26", true), ("S2", false), ("SUMMER-26", false), ("summer", false)] {
            assert_eq!(is_code(code), good, "{code}");
        }
    }
}
