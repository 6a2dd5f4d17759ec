//! The roots of the test schema: what async-graphql resolves itself, and how a subtree begins.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_graphql::{Context, EmptySubscription, Object, Schema, SimpleObject};
use encircle::graph::engine::Engine;
use encircle::graph::limits::{DocumentLimits, SelectionLimits};
use encircle::graph::{Batch, Batched, Connection, Input, PageArguments, Want};
use encircle::kernel::error::Error;

use super::people::Person;
use super::reader::{ToBooks, ToPerson};
use super::works::{Book, Thing, Work};
use super::world::{Link, ThingRow, WorkRow};

pub struct TestQuery;

/// The query root.
#[Object(name = "Query")]
impl TestQuery {
    /// One person, loaded with all others that are asked for.
    async fn person(&self, key: i32) -> Batched<Option<Person>> {
        Batched::by_key(ToPerson(Link::Root, key as u32))
    }

    /// The same, and null is no answer.
    async fn must(&self, #[graphql(default = 1)] key: i32) -> Batched<Person> {
        Batched::<Person>::read(move |access, wanted| {
            let columns = wanted.columns();
            Box::pin(async move {
                let key = ToPerson(Link::Root, key as u32);
                let want = Want { columns, arguments: &() };
                let mut answers = access.reader.load(&[key], want).await?;
                answers.remove(&key).ok_or_else(|| Error::NotFound("there is nobody".to_owned()))
            })
        })
    }

    async fn people(&self, limit: Option<i32>) -> Batched<Vec<Person>> {
        Batched::<Vec<Person>>::read(move |access, wanted| {
            let columns = wanted.columns();
            let count = limit.map_or(usize::MAX, |limit| limit as usize);
            Box::pin(async move {
                Ok(access.reader.world.people.iter().take(count).map(|person| person.only(columns)).collect())
            })
        })
    }

    /// Every second one is null.
    async fn crowd(&self) -> Batched<Option<Vec<Option<Person>>>> {
        Batched::<Option<Vec<Option<Person>>>>::read(|access, wanted| {
            let columns = wanted.columns();
            Box::pin(async move {
                let people = access.reader.world.people.iter();
                Ok(Some(people.map(|person| (person.place % 2 == 0).then(|| person.only(columns))).collect()))
            })
        })
    }

    async fn works(&self) -> Batched<Vec<Work>> {
        Batched::<Vec<Work>>::read(|access, wanted| {
            let books = wanted.member_columns::<Book>();
            Box::pin(async move {
                let world = &access.reader.world;
                let books = world.books.iter().map(|book| WorkRow::Book(book.only(books)));
                let films = world.films.iter().map(|film| WorkRow::Film(film.clone()));
                let songs = world.songs.iter().map(|song| WorkRow::Song(song.clone()));
                Ok(films.chain(books).chain(songs).collect())
            })
        })
    }

    async fn thing(&self, key: i32) -> Batched<Option<Thing>> {
        Batched::<Option<Thing>>::read(move |access, wanted| {
            let columns = wanted.member_columns::<Person>();
            Box::pin(async move {
                let world = &access.reader.world;
                Ok(match key {
                    0 => Some(ThingRow::Person(world.people[0].only(columns))),
                    1 => Some(ThingRow::Book(world.books[1].clone())),
                    2 => Some(ThingRow::Film(world.films[2].clone())),
                    _ => None,
                })
            })
        })
    }

    async fn books(
        &self,
        #[graphql(default = 0)] of: i32,
        first: Option<i32>,
        after: Option<String>,
    ) -> Batched<Connection<Book>> {
        let arguments = Input(PageArguments { first, after, ..PageArguments::default() });
        Batched::<Connection<Book>>::read(move |access, wanted| {
            let columns = wanted.columns();
            let arguments = Input(arguments.0.clone());
            Box::pin(async move {
                let key = ToBooks(Link::Books, of as u32);
                let mut answers = access.reader.load(&[key], Want { columns, arguments: &arguments }).await?;
                answers.remove(&key).ok_or_else(|| Error::NotFound("there are no books".to_owned()))
            })
        })
    }

    async fn broken(&self) -> Batched<Option<Person>> {
        Batched::failed(Error::Conflict("it is broken".to_owned()))
    }

    /// A leaf of the library.
    async fn version(&self) -> &'static str {
        "1"
    }
}

/// Counts how often its fields ran.
#[derive(Default)]
pub struct TestMutation(pub Arc<AtomicU32>);

/// The payload of a mutation. `person` and `must` are named like roots, and are not null-able like them.
#[derive(SimpleObject)]
pub struct Payload {
    run: u32,
    user_errors: Vec<String>,
    person: Option<Batched<Person>>,
    must: Batched<Option<Person>>,
    crowd: Batched<Vec<Person>>,
}

/// The mutation root.
#[Object(name = "Mutation")]
impl TestMutation {
    async fn rename(&self, _ctx: &Context<'_>, key: u32, #[graphql(default)] fails: bool) -> Payload {
        let person = |key| {
            Batched::<Person>::read(move |access, wanted| {
                let columns = wanted.columns();
                Box::pin(async move {
                    if fails {
                        return Err(Error::Conflict("it has no result".to_owned()));
                    }
                    Ok(access.reader.world.people[key as usize].only(columns))
                })
            })
        };
        let must = if fails {
            Batched::failed(Error::Conflict("it has no other result".to_owned()))
        } else {
            Batched::by_key(ToPerson(Link::Root, key))
        };
        let crowd = if fails {
            Batched::failed(Error::Conflict("there is no crowd".to_owned()))
        } else {
            Batched::read(|_, _| Box::pin(async { Ok(Vec::new()) }))
        };
        Payload {
            run: self.0.fetch_add(1, Ordering::SeqCst) + 1,
            user_errors: Vec::new(),
            person: Some(person(key)),
            must,
            crowd,
        }
    }
}

pub type TestEngine = Engine<TestQuery, TestMutation, EmptySubscription>;

/// The engine, with limits that generated operations keep; and the count of mutations.
pub fn engine() -> (TestEngine, Arc<AtomicU32>) {
    let runs = Arc::<AtomicU32>::default();
    let selection = SelectionLimits {
        selections: 200_000,
        document_selections: 200_000,
        depth: 30,
        aliases: 10_000,
        directives: 10_000,
        ..SelectionLimits::default()
    };
    let limits = DocumentLimits { selection, cost: u64::MAX, ..DocumentLimits::default() };
    let builder = Schema::build(TestQuery, TestMutation(Arc::clone(&runs)), EmptySubscription);
    (Engine::new(builder, limits), runs)
}
