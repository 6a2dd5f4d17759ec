//! The roots of the test schema: what async-graphql resolves itself, and how a subtree begins.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_graphql::{Context, EmptySubscription, InputObject, MergedObject, Object, Schema, SimpleObject};
use encircle::graph::engine::Engine;
use encircle::graph::limits::{DocumentLimits, SelectionLimits};
use encircle::graph::roots::{Root, RootFields, RootTable};
use encircle::graph::{Batch, Batched, Connection, Input, PageArguments, Want};
use encircle::kernel::error::Error;

use super::people::Person;
use super::reader::{ToBooks, ToPerson};
use super::works::{Book, Thing, Work};
use super::world::{Link, ThingRow, WorkRow};

/// The query root: a table that is read directly, and a leaf of the library, which is not.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct TestQuery(Root<TestTable>, Version);

#[derive(Default)]
pub struct Version;

/// What the table does not have.
#[Object]
impl Version {
    /// A leaf of the library.
    async fn version(&self) -> &'static str {
        "1"
    }
}

#[derive(InputObject)]
struct KeyArguments {
    key: i32,
}

#[derive(InputObject)]
struct MustArguments {
    #[graphql(default = 1)]
    key: i32,
}

#[derive(InputObject)]
struct PeopleArguments {
    limit: Option<i32>,
}

#[derive(InputObject)]
struct BooksArguments {
    #[graphql(default = 0)]
    of: i32,
    first: Option<i32>,
    after: Option<String>,
}

/// The fields of the query root that are read directly.
pub struct TestTable;

impl RootTable for TestTable {
    const NAME: &'static str = "TableOfQuery";
    const DESCRIPTION: &'static str = "The table of the query root.";

    fn fields(root: &mut RootFields) {
        let person = "One person, loaded with all others that are asked for.";
        root.add("person", person, |Input(KeyArguments { key })| {
            Batched::<Option<Person>>::by_key(ToPerson(Link::Root, key as u32))
        });
        root.add("must", "The same, and null is no answer.", |Input(MustArguments { key })| must(key));
        root.add("people", "Everybody, or some.", |Input(PeopleArguments { limit })| people(limit));
        root.add("crowd", "Every second one is null.", |()| crowd());
        root.add("works", "All works.", |()| works());
        root.add("thing", "One of three, by key.", |Input(KeyArguments { key })| thing(key));
        root.add("books", "The books of a person.", |Input(arguments)| books(arguments));
        root.add("broken", "What always fails.", |()| {
            Batched::<Option<Person>>::failed(Error::Conflict("it is broken".to_owned()))
        });
    }
}

fn must(key: i32) -> Batched<Person> {
    Batched::<Person>::read(move |reader, wanted| {
        let columns = wanted.columns();
        Box::pin(async move {
            let key = ToPerson(Link::Root, key as u32);
            let want = Want { columns, arguments: &() };
            let mut answers = reader.load(&[key], want).await?;
            answers.remove(&key).ok_or_else(|| Error::NotFound("there is nobody".to_owned()))
        })
    })
}

fn people(limit: Option<i32>) -> Batched<Vec<Person>> {
    Batched::<Vec<Person>>::read(move |reader, wanted| {
        let columns = wanted.columns();
        let count = limit.map_or(usize::MAX, |limit| limit as usize);
        Box::pin(async move {
            Ok(reader.world.people.iter().take(count).map(|person| person.only(columns)).collect())
        })
    })
}

fn crowd() -> Batched<Option<Vec<Option<Person>>>> {
    Batched::<Option<Vec<Option<Person>>>>::read(|reader, wanted| {
        let columns = wanted.columns();
        Box::pin(async move {
            let people = reader.world.people.iter();
            Ok(Some(people.map(|person| (person.place % 2 == 0).then(|| person.only(columns))).collect()))
        })
    })
}

fn works() -> Batched<Vec<Work>> {
    Batched::<Vec<Work>>::read(|reader, wanted| {
        let books = wanted.member_columns::<Book>();
        Box::pin(async move {
            let world = &reader.world;
            let books = world.books.iter().map(|book| WorkRow::Book(book.only(books)));
            let films = world.films.iter().map(|film| WorkRow::Film(film.clone()));
            let songs = world.songs.iter().map(|song| WorkRow::Song(song.clone()));
            Ok(films.chain(books).chain(songs).collect())
        })
    })
}

fn thing(key: i32) -> Batched<Option<Thing>> {
    Batched::<Option<Thing>>::read(move |reader, wanted| {
        let columns = wanted.member_columns::<Person>();
        Box::pin(async move {
            let world = &reader.world;
            Ok(match key {
                0 => Some(ThingRow::Person(world.people[0].only(columns))),
                1 => Some(ThingRow::Book(world.books[1].clone())),
                2 => Some(ThingRow::Film(world.films[2].clone())),
                _ => None,
            })
        })
    })
}

fn books(arguments: BooksArguments) -> Batched<Connection<Book>> {
    let BooksArguments { of, first, after } = arguments;
    let arguments = Input(PageArguments { first, after, ..PageArguments::default() });
    Batched::<Connection<Book>>::read(move |reader, wanted| {
        let columns = wanted.columns();
        let arguments = Input(arguments.0.clone());
        Box::pin(async move {
            let key = ToBooks(Link::Books, of as u32);
            let mut answers = reader.load(&[key], Want { columns, arguments: &arguments }).await?;
            answers.remove(&key).ok_or_else(|| Error::NotFound("there are no books".to_owned()))
        })
    })
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
            Batched::<Person>::read(move |reader, wanted| {
                let columns = wanted.columns();
                Box::pin(async move {
                    if fails {
                        return Err(Error::Conflict("it has no result".to_owned()));
                    }
                    Ok(reader.world.people[key as usize].only(columns))
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
    let builder = Schema::build(TestQuery::default(), TestMutation(Arc::clone(&runs)), EmptySubscription);
    (Engine::new(builder, limits).with_direct_root(Root::<TestTable>::default()), runs)
}
