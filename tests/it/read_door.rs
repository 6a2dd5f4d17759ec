//! Pages, lists of many parents, scopes and meters of the read door, compared with plain computations.

use std::collections::HashMap;

use encircle::db::Db;
use encircle::db::read::{Column, Meter, Order, Param, Row, Select, metered};
use encircle::domain::customers::merging::MERGING;
use encircle::kernel::columns::Columns;
use encircle::kernel::page::{Cursor, Direction, Page, PageRequest};
use encircle::kernel::viewer::CustomerScope;
use entities::ids::{CustomerId, Id, PurchaseId};
use entities::timestamp::Timestamp;

use crate::entities::{insert, samples};
use crate::harness::databases::on_both;

const CUSTOMERS: u128 = 7;

#[derive(Clone, Debug, Default, PartialEq)]
struct Purchase {
    id: PurchaseId,
    customer_id: CustomerId,
    placed_at: Timestamp,
    number: String,
}

impl Row for Purchase {
    const TABLE: &'static str = "purchases";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |row, cell| cell.read(&mut row.id)),
        Column::new("customer_id", |row, cell| cell.read(&mut row.customer_id)),
        Column::new("placed_at", |row, cell| cell.read(&mut row.placed_at)),
        Column::new("number", |row, cell| cell.read(&mut row.number)),
    ];
}

impl Purchase {
    fn place(&self) -> (i64, uuid::Uuid) {
        (self.placed_at.millis(), self.id.uuid())
    }

    fn cursor(&self) -> Cursor {
        let (key, id) = self.place();
        Cursor { key, id }
    }
}

/// Sixty purchases of six customers, many at the same millisecond; the seventh customer has none.
async fn shop(db: &Db) -> Vec<Purchase> {
    insert::<entities::customer::Entity>(db, (1..=CUSTOMERS).map(samples::customer)).await;
    let models: Vec<_> = (0..60_u128)
        .map(|number| {
            // Ids that do not sort like the times, so that a mistaken order shows.
            let (id, time) = ((number * 37) % 61 + 1, (number % 8) as i64);
            samples::purchase(id, number * number % (CUSTOMERS - 1) + 1, Timestamp(time))
        })
        .collect();
    insert::<entities::purchase::Entity>(db, models.clone()).await;
    let row = |model: entities::purchase::Model| Purchase {
        id: model.id,
        customer_id: model.customer_id,
        placed_at: model.placed_at,
        number: model.number,
    };
    models.into_iter().map(row).collect()
}

fn purchases() -> Select<Purchase> {
    Select::of(Columns::ALL)
}

fn in_order(rows: impl IntoIterator<Item = Purchase>, order: Order) -> Vec<Purchase> {
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_by_key(Purchase::place);
    if order == Order::Descending {
        rows.reverse();
    }
    rows
}

/// The page that a request means, computed the plain way.
fn expected(list: &[Purchase], request: &PageRequest) -> Vec<Purchase> {
    let at = |cursor: Cursor| list.iter().position(|row| row.cursor() == cursor).expect("a row of the list");
    let from = request.after.map_or(0, |cursor| at(cursor) + 1);
    let to = request.before.map_or(list.len(), at).max(from);
    let between = &list[from..to];
    let size = between.len().min(request.limit as usize);
    match request.direction {
        Direction::Forward => between[..size].to_vec(),
        Direction::Backward => between[between.len() - size..].to_vec(),
    }
}

/// Walks a list page by page and says what it saw, in the order of the list.
async fn walk(db: &Db, order: Order, direction: Direction, limit: u32) -> Vec<Purchase> {
    let mut request = PageRequest { direction, limit, after: None, before: None };
    let mut seen: Vec<Purchase> = Vec::new();
    loop {
        let page = purchases().order("placed_at", order).page(db, &request).await.expect("a page");
        let ends = (page.rows.first().map(Purchase::cursor), page.rows.last().map(Purchase::cursor));
        let more = match direction {
            Direction::Forward => {
                request.after = ends.1;
                seen.extend(page.rows);
                page.has_next
            }
            Direction::Backward => {
                request.before = ends.0;
                seen.splice(0..0, page.rows);
                page.has_previous
            }
        };
        if !more {
            return seen;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_cover_a_list_once_in_both_directions() {
    on_both(async |db| {
        let all = shop(&db).await;
        for order in [Order::Ascending, Order::Descending] {
            let list = in_order(all.clone(), order);
            for limit in [1, 7, 20, 59, 60, 61] {
                for direction in [Direction::Forward, Direction::Backward] {
                    assert_eq!(
                        walk(&db, order, direction, limit).await,
                        list,
                        "{order:?} {direction:?} {limit}"
                    );
                }
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_between_two_cursors_is_the_plain_one() {
    on_both(async |db| {
        let list = in_order(shop(&db).await, Order::Descending);
        for (after, before) in [(Some(3), None), (None, Some(50)), (Some(10), Some(12)), (Some(10), Some(30))]
        {
            for (direction, limit) in
                [(Direction::Forward, 5), (Direction::Backward, 5), (Direction::Forward, 0)]
            {
                let cursor = |at: Option<usize>| at.map(|at| list[at].cursor());
                let request = PageRequest { direction, limit, after: cursor(after), before: cursor(before) };
                let page = purchases().order("placed_at", Order::Descending).page(&db, &request).await;
                assert_eq!(page.expect("a page").rows, expected(&list, &request), "{request:?}");
            }
        }
    })
    .await;
}

fn of_customer(list: &[Purchase], customer: CustomerId) -> Vec<Purchase> {
    list.iter().filter(|row| row.customer_id == customer).cloned().collect()
}

fn keys() -> Vec<CustomerId> {
    (1..=CUSTOMERS).map(samples::id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn first_rows_of_each_parent_are_the_plain_ones() {
    on_both(async |db| {
        let all = shop(&db).await;
        for order in [Order::Ascending, Order::Descending] {
            let list = in_order(all.clone(), order);
            // A cursor need not be a row of the parent.
            for cursor in [None, Some(list[20].cursor())] {
                for (direction, limit) in
                    [(Direction::Forward, 3), (Direction::Backward, 4), (Direction::Forward, 99)]
                {
                    let request = PageRequest { direction, limit, after: cursor, before: None };
                    let select = purchases().order("placed_at", order).lt("placed_at", Timestamp(7));
                    let pages =
                        select.per_parent(&db, "customer_id", &keys(), &request).await.expect("pages");
                    check_pages(&pages, &list, &request);
                }
            }
        }
    })
    .await;
}

fn check_pages(pages: &HashMap<CustomerId, Page<Purchase>>, list: &[Purchase], request: &PageRequest) {
    assert_eq!(pages.len(), keys().len(), "every parent is in the answer");
    let behind =
        request.after.map_or(0, |cursor| list.iter().position(|row| row.cursor() == cursor).unwrap() + 1);
    for (customer, page) in pages {
        let mut own = of_customer(&list[behind..], *customer);
        own.retain(|row| row.placed_at < Timestamp(7));
        let whole = PageRequest { after: None, ..*request };
        let plain = expected(&own, &whole);
        assert_eq!(page.rows, plain, "{customer} {request:?}");
        let more = own.len() > plain.len();
        match request.direction {
            Direction::Forward => assert_eq!(page.has_next, more || request.before.is_some()),
            Direction::Backward => assert_eq!(page.has_previous, more || request.after.is_some()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_counts_of_many_parents_are_the_plain_ones() {
    on_both(async |db| {
        let list = in_order(shop(&db).await, Order::Ascending);
        let select = || purchases().order("placed_at", Order::Ascending);
        let rows = select().by_parent(&db, "customer_id", &keys()).await.expect("rows");
        let counts = select().counts(&db, "customer_id", &keys()).await.expect("counts");
        assert_eq!((rows.len(), counts.len()), (keys().len(), keys().len()));
        for customer in keys() {
            let own = of_customer(&list, customer);
            assert_eq!(counts[&customer], own.len() as u64);
            assert_eq!(rows[&customer], own);
        }
        assert!(rows[&samples::id(CUSTOMERS)].is_empty());
        assert_eq!(purchases().count(&db).await.expect("a count"), 60);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_do_not_depend_on_the_number_of_parents() {
    on_both(async |db| {
        shop(&db).await;
        let mut seen = Vec::new();
        // The same parent many times is one parent.
        for parents in [keys()[..1].to_vec(), keys(), keys().repeat(200)] {
            let before = db.statements();
            let newest = || purchases().order("placed_at", Order::Descending);
            let request = PageRequest::first(2);
            let (pages, meter) = metered(newest().per_parent(&db, "customer_id", &parents, &request)).await;
            let read: usize =
                pages.expect("pages").values().map(|page| page.rows.len() + usize::from(page.has_next)).sum();
            assert_eq!(meter, Meter { statements: 1, rows: read as u64, round_trips: 1 });
            newest().by_parent(&db, "customer_id", &parents).await.expect("rows");
            newest().counts(&db, "customer_id", &parents).await.expect("counts");
            seen.push(db.statements() - before);
        }
        assert_eq!(seen, [3, 3, 3]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_nothing_and_one_reads_its_own() {
    on_both(async |db| {
        let list = shop(&db).await;
        let (request, newest) = (PageRequest::first(5), |scope| {
            purchases().order("placed_at", Order::Descending).scope("customer_id", scope, MERGING)
        });
        let nobody = || newest(CustomerScope::Nobody);
        let (_, meter) = metered(async {
            assert!(nobody().rows(&db).await.expect("rows").is_empty());
            assert!(nobody().page(&db, &request).await.expect("a page").rows.is_empty());
            assert_eq!(nobody().count(&db).await.expect("a count"), 0);
            let pages = nobody().per_parent(&db, "customer_id", &keys(), &request).await.expect("pages");
            assert!(pages.len() == keys().len() && pages.values().all(|page| page.rows.is_empty()));
            assert!(purchases().any::<PurchaseId>("id", &[]).rows(&db).await.expect("rows").is_empty());
        })
        .await;
        assert_eq!(meter, Meter::default());

        let own = CustomerScope::Only(samples::id(1));
        let ids: Vec<PurchaseId> = list.iter().map(|row| row.id).collect();
        let rows = newest(own).any("id", &ids).rows(&db).await.expect("rows");
        assert_eq!(rows, in_order(of_customer(&list, samples::id(1)), Order::Descending));
        assert!(!rows.is_empty() && rows.len() < list.len());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_columns_asked_for_are_read_and_values_are_never_text() {
    on_both(async |db| {
        shop(&db).await;
        let one = Select::<Purchase>::of(Columns::NONE).eq("number", "N1").first(&db).await.expect("a row");
        let one = one.expect("it is there");
        assert_eq!((one.id, one.number.as_str()), (samples::id(1), ""));
        assert_eq!(purchases().eq("number", "' OR 1=1 --").rows(&db).await.expect("rows"), []);
        let two = Param::Texts(vec!["N1".to_owned(), "N2".to_owned(), "' OR 1=1 --".to_owned()]);
        assert_eq!(purchases().any_of("number", two).rows(&db).await.expect("rows").len(), 2);
        db.ping().await.expect("an answer");
    })
    .await;
}
