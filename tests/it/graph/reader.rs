//! A request's reader over the world: answers keys, notes every load, fails where the world says so.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use encircle::graph::connection::TOTAL;
use encircle::graph::{Batch, Input, Measured, PageArguments, Reader, Want};
use encircle::kernel::columns::Columns;
use encircle::kernel::error::{Error, Result};
use encircle::kernel::page::{Direction, Page};
use encircle::kernel::viewer::{Scope, Scopes};
use tokio::sync::Barrier;

use super::columns::{BOOK, named};
use super::works::{Book, FavouriteArguments};
use super::world::{BookRow, Link, PersonRow, ThingRow, WorkRow, World};

/// A question about one parent: whom or what `link` leads to from `of`.
macro_rules! keys {
    ($($name:ident)*) => {$(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name(pub Link, pub u32);

        impl From<$name> for (Link, u32) {
            fn from(key: $name) -> Self {
                (key.0, key.1)
            }
        }
    )*};
}
keys! { ToPerson ToPeople ToSomePeople ToPerhapsPeople ToBook ToWorks ToPerhapsWorks ToThings ToBooks }

/// One load as a batch saw it.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    pub link: Link,
    pub keys: Vec<u32>,
    pub columns: Columns,
}

pub struct TestReader {
    pub world: Arc<World>,
    pub scopes: Scopes,
    pub loads: Mutex<Vec<Load>>,
    /// Loads of these links wait for each other.
    pub gates: HashMap<Link, Arc<Barrier>>,
    /// How many loads are under way.
    pub under_way: Arc<AtomicU64>,
}

impl TestReader {
    pub fn new(world: Arc<World>, scopes: Scopes) -> Self {
        Self { world, scopes, loads: Mutex::default(), gates: HashMap::new(), under_way: Arc::default() }
    }

    pub fn loads(&self) -> Vec<Load> {
        self.loads.lock().expect("no load panicked").clone()
    }

    /// Notes the load, waits a moment and answers each key of which the world has an answer.
    pub async fn answer<K, V>(
        &self,
        keys: &[K],
        columns: Columns,
        answer: impl Fn(Link, u32) -> Result<V>,
    ) -> Result<HashMap<K, V>>
    where
        K: Copy + Eq + Hash + Into<(Link, u32)>,
    {
        let links: Vec<(Link, u32)> = keys.iter().map(|key| (*key).into()).collect();
        let link = links[0].0;
        assert!(links.iter().all(|key| key.0 == link), "one link a load");
        let load = Load { link, keys: links.iter().map(|key| key.1).collect(), columns };
        self.loads.lock().expect("no load panicked").push(load);

        let _guard = UnderWay::new(&self.under_way);
        if let Some(gate) = self.gates.get(&link) {
            gate.wait().await;
        }
        for _ in 0..(link as usize + keys.len()) % 4 {
            tokio::task::yield_now().await;
        }
        if let Some(fault) = self.world.fault(link) {
            return Err(fault);
        }
        keys.iter()
            .zip(links)
            .filter(|(_, (link, of))| !self.world.missing(*link, *of))
            .map(|(key, (link, of))| Ok((*key, answer(link, of)?)))
            .collect()
    }

    fn person(&self, place: usize, columns: Columns) -> PersonRow {
        self.world.people[place].only(columns)
    }

    fn people(&self, link: Link, of: u32, columns: Columns) -> Vec<PersonRow> {
        let places = self.world.many(link, of, self.world.people.len());
        places.into_iter().map(|place| self.person(place, columns)).collect()
    }
}

/// Counts a load while it runs, also when it is dropped half way.
struct UnderWay<'a>(&'a AtomicU64);

impl<'a> UnderWay<'a> {
    fn new(count: &'a AtomicU64) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Reader for TestReader {
    fn holds(&self, scope: Scope) -> bool {
        self.scopes.contains(scope)
    }

    fn error_id(&self) -> String {
        "err_1".to_owned()
    }

    async fn measure<F>(&self, load: F) -> (F::Output, Measured)
    where
        F: Future<Output: Send> + Send,
    {
        (load.await, Measured { statements: 1, rows: 7 })
    }
}

impl Batch<ToPerson> for TestReader {
    type Arguments = ();
    type Value = PersonRow;

    async fn load(&self, keys: &[ToPerson], want: Want<'_, ()>) -> Result<HashMap<ToPerson, PersonRow>> {
        let count = self.world.people.len();
        let mut answers = self
            .answer(keys, want.columns, |link, of| {
                let place = self.world.one(link, of, count);
                Ok((place < count).then(|| self.person(place, want.columns)))
            })
            .await?;
        Ok(keys.iter().filter_map(|key| Some((*key, answers.remove(key)??))).collect())
    }
}

impl Batch<ToPeople> for TestReader {
    type Arguments = ();
    type Value = Vec<PersonRow>;

    async fn load(&self, keys: &[ToPeople], want: Want<'_, ()>) -> Result<HashMap<ToPeople, Vec<PersonRow>>> {
        self.answer(keys, want.columns, |link, of| Ok(self.people(link, of, want.columns))).await
    }
}

impl Batch<ToSomePeople> for TestReader {
    type Arguments = ();
    type Value = Vec<Option<PersonRow>>;

    async fn load(
        &self,
        keys: &[ToSomePeople],
        want: Want<'_, ()>,
    ) -> Result<HashMap<ToSomePeople, Self::Value>> {
        self.answer(keys, want.columns, |link, of| {
            let people = self.people(link, of, want.columns).into_iter().enumerate();
            Ok(people.map(|(item, person)| (!self.world.null(link, of, item)).then_some(person)).collect())
        })
        .await
    }
}

impl Batch<ToPerhapsPeople> for TestReader {
    type Arguments = ();
    type Value = Option<Vec<PersonRow>>;

    async fn load(
        &self,
        keys: &[ToPerhapsPeople],
        want: Want<'_, ()>,
    ) -> Result<HashMap<ToPerhapsPeople, Self::Value>> {
        self.answer(keys, want.columns, |link, of| {
            Ok((!self.world.null(link, of, 0)).then(|| self.people(link, of, want.columns)))
        })
        .await
    }
}

impl Batch<ToBook> for TestReader {
    type Arguments = ();
    type Value = BookRow;

    async fn load(&self, keys: &[ToBook], want: Want<'_, ()>) -> Result<HashMap<ToBook, BookRow>> {
        self.answer(keys, want.columns, |link, of| {
            let books = &self.world.books;
            Ok(books[self.world.one(link, of, books.len())].only(want.columns))
        })
        .await
    }
}

impl Batch<ToWorks> for TestReader {
    type Arguments = Input<FavouriteArguments>;
    type Value = Vec<WorkRow>;

    async fn load(
        &self,
        keys: &[ToWorks],
        want: Want<'_, Self::Arguments>,
    ) -> Result<HashMap<ToWorks, Vec<WorkRow>>> {
        let arguments = &want.arguments.0;
        if arguments.limit < 0 {
            return Err(Error::invalid("limit", "`limit` must not be negative"));
        }
        self.answer(keys, want.columns, |link, of| {
            let works = self.world.works(link, of).into_iter();
            let wanted = works.filter(|work| arguments.kind.is_none_or(|kind| kind.is_of(work)));
            Ok(wanted.take(arguments.limit as usize).collect())
        })
        .await
    }
}

impl Batch<ToPerhapsWorks> for TestReader {
    type Arguments = ();
    type Value = Option<Vec<WorkRow>>;

    async fn load(
        &self,
        keys: &[ToPerhapsWorks],
        want: Want<'_, ()>,
    ) -> Result<HashMap<ToPerhapsWorks, Self::Value>> {
        self.answer(keys, want.columns, |link, of| {
            Ok((!self.world.null(link, of, 0)).then(|| self.world.works(link, of)))
        })
        .await
    }
}

impl Batch<ToThings> for TestReader {
    type Arguments = ();
    type Value = Option<Vec<Option<ThingRow>>>;

    async fn load(&self, keys: &[ToThings], want: Want<'_, ()>) -> Result<HashMap<ToThings, Self::Value>> {
        self.answer(keys, want.columns, |link, of| {
            Ok((!self.world.null(link, of, 50)).then(|| self.world.things(link, of)))
        })
        .await
    }
}

impl Batch<ToBooks> for TestReader {
    type Arguments = Input<PageArguments>;
    type Value = Page<BookRow>;

    async fn load(
        &self,
        keys: &[ToBooks],
        want: Want<'_, Self::Arguments>,
    ) -> Result<HashMap<ToBooks, Page<BookRow>>> {
        let request = want.arguments.0.request::<Book>()?;
        // Cursors are always read.
        let columns = want.columns | named(BOOK, &["id", "place"]);
        let place = |cursor: encircle::kernel::page::Cursor| cursor.key as u32;
        self.answer(keys, want.columns, |_, of| {
            let all = self.world.books_of(of);
            let mut rows: Vec<BookRow> = all
                .iter()
                .filter(|book| request.after.is_none_or(|after| book.place > place(after)))
                .filter(|book| request.before.is_none_or(|before| book.place < place(before)))
                .map(|book| book.only(columns))
                .collect();
            if request.direction == Direction::Backward {
                rows.reverse();
            }
            rows.truncate(request.limit as usize + 1);
            let mut page = Page::from_read(rows, &request);
            page.total = (want.columns | TOTAL == want.columns).then_some(all.len() as u64);
            Ok(page)
        })
        .await
    }
}
