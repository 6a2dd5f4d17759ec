//! What every field of the test schema resolves to, as plain values: the tables' counterpart for the
//! reference interpreter, one object at a time.

use encircle::kernel::error::Error;
use encircle::kernel::page::Cursor;
use encircle::kernel::viewer::Scope;
use entities::ids::Id;
use serde_json::{Map, Value, json};

use super::resolvers_of_people::{books, person_field};
use super::world::{BookRow, FilmRow, Link, PersonRow, SongRow, ThingRow, WorkRow, World};

/// An object, by what it is made from.
#[derive(Clone, Debug)]
pub enum Source {
    Query,
    Person(PersonRow),
    Address { of: u32, home: u32 },
    Tally(PersonRow),
    Note(Option<String>),
    Book(BookRow),
    Film(FilmRow),
    Song(SongRow),
    Connection(BookPage),
    Edge(BookRow),
    PageInfo(BookPage),
}

#[derive(Clone, Debug)]
pub struct BookPage {
    pub books: Vec<BookRow>,
    pub has_next: bool,
    pub has_previous: bool,
    pub total: usize,
}

/// A resolved value before completion.
#[derive(Clone, Debug)]
pub enum Plain {
    Leaf(Value),
    List(Vec<Plain>),
    Object(Box<Source>),
    Failed(Failure),
}

#[derive(Clone, Debug)]
pub struct Failure {
    pub message: Option<String>,
    pub code: &'static str,
}

impl Failure {
    pub fn internal() -> Self {
        let message = "Something went wrong on our side; give the errorId to whoever runs this service.";
        Self { message: Some(message.to_owned()), code: "INTERNAL_SERVER_ERROR" }
    }

    pub fn of(error: &Error) -> Plain {
        Plain::Failed(Self { message: Some(error.to_string()), code: error.code() })
    }
}

impl Source {
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Query => "Query",
            Self::Person(_) => "Person",
            Self::Address { .. } => "Address",
            Self::Tally(_) => "Tally",
            Self::Note(_) => "Note",
            Self::Book(_) => "Book",
            Self::Film(_) => "Film",
            Self::Song(_) => "Song",
            Self::Connection(_) => "BookConnection",
            Self::Edge(_) => "BookEdge",
            Self::PageInfo(_) => "PageInfo",
        }
    }
}

/// The scope that a field needs; names of fields that need one are used once.
pub fn scope(field: &str) -> Option<Scope> {
    match field {
        "secret" | "hidden" => Some(Scope::Personal),
        "code" => Some(Scope::Behaviors),
        "secretFriend" => Some(Scope::Lists),
        "secretBoss" => Some(Scope::Offers),
        _ => None,
    }
}

pub fn object(source: Source) -> Plain {
    Plain::Object(Box::new(source))
}

pub fn null() -> Plain {
    Plain::Leaf(Value::Null)
}

pub fn list(items: impl Iterator<Item = Plain>) -> Plain {
    Plain::List(items.collect())
}

/// ResolveFieldValue (6.4.2).
pub fn resolve(world: &World, source: &Source, field: &str, arguments: &Map<String, Value>) -> Plain {
    match source {
        Source::Query => query(world, field, arguments),
        Source::Person(person) => person_field(world, person, field, arguments),
        Source::Address { of, home } => match field {
            "street" => Plain::Leaf(json!(format!("Street {of}"))),
            "city" if home % 2 == 0 => Plain::Leaf(json!(format!("City {home}"))),
            "city" => Plain::Failed(Failure::internal()),
            "resident" => to_person(world, Link::Resident, *of, false),
            _ => panic!("no field {field}"),
        },
        Source::Tally(person) => match field {
            "wins" => Plain::Leaf(json!(person.tally.wins)),
            "losses" => Plain::Leaf(json!(person.tally.losses)),
            "notes" => list(person.tally.notes.iter().map(|note| object(Source::Note(note.text.clone())))),
            _ => panic!("no field {field}"),
        },
        Source::Note(text) => Plain::Leaf(json!(text)),
        Source::Book(book) => match field {
            "id" => Plain::Leaf(json!(book.id.to_string())),
            "title" => Plain::Leaf(json!(book.title)),
            "pages" => Plain::Leaf(json!(book.pages)),
            "author" => to_person(world, Link::Author, book.place, true),
            "sequel" => answer(world, Link::Sequel, book.place, false, || {
                let sequel = world.one(Link::Sequel, book.place, world.books.len());
                object(Source::Book(world.books[sequel].clone()))
            }),
            "related" => answer(world, Link::Related, book.place, false, || {
                if world.null(Link::Related, book.place, 0) {
                    return null();
                }
                list(world.works(Link::Related, book.place).into_iter().map(work))
            }),
            _ => panic!("no field {field}"),
        },
        Source::Film(film) => match field {
            "id" => Plain::Leaf(json!(film.id.to_string())),
            "title" => Plain::Leaf(json!(film.title)),
            "minutes" => Plain::Leaf(json!(film.minutes)),
            "director" if film.place == 1 => null(),
            "director" => to_person(world, Link::Director, film.place, false),
            _ => panic!("no field {field}"),
        },
        Source::Song(song) => match field {
            "id" => Plain::Leaf(json!(song.id.to_string())),
            "title" => Plain::Leaf(json!(song.title)),
            "tempo" => Plain::Leaf(json!(song.tempo)),
            "singer" => to_person(world, Link::Singer, song.place, true),
            _ => panic!("no field {field}"),
        },
        Source::Connection(page) => match field {
            "edges" => list(page.books.iter().map(|book| object(Source::Edge(book.clone())))),
            "nodes" => list(page.books.iter().map(|book| object(Source::Book(book.clone())))),
            "pageInfo" => object(Source::PageInfo(page.clone())),
            "totalCount" => Plain::Leaf(json!(page.total)),
            _ => panic!("no field {field}"),
        },
        Source::Edge(book) => match field {
            "node" => object(Source::Book(book.clone())),
            "cursor" => Plain::Leaf(json!(cursor(book))),
            _ => panic!("no field {field}"),
        },
        Source::PageInfo(page) => Plain::Leaf(match field {
            "hasNextPage" => json!(page.has_next),
            "hasPreviousPage" => json!(page.has_previous),
            "startCursor" => json!(page.books.first().map(cursor)),
            "endCursor" => json!(page.books.last().map(cursor)),
            _ => panic!("no field {field}"),
        }),
    }
}

fn cursor(book: &BookRow) -> String {
    Cursor { key: book.place.into(), id: book.id.uuid() }.encode(b'b')
}

fn query(world: &World, field: &str, arguments: &Map<String, Value>) -> Plain {
    let number = |name: &str| arguments.get(name).and_then(Value::as_i64);
    let person = |place: usize| object(Source::Person(world.people[place].clone()));
    let root = |required: bool| {
        let key = number("key").expect("a key") as u32;
        if let Some(fault) = world.fault(Link::Root) {
            return Failure::of(&fault);
        }
        if world.missing(Link::Root, key) || key as usize >= world.people.len() {
            return if required {
                Failure::of(&Error::NotFound("there is nobody".to_owned()))
            } else {
                null()
            };
        }
        person(key as usize)
    };
    match field {
        "person" => root(false),
        "must" => root(true),
        "people" => {
            let limit = number("limit").map_or(usize::MAX, |limit| limit as usize);
            list((0..world.people.len()).take(limit).map(person))
        }
        "crowd" => {
            list((0..world.people.len()).map(|place| if place % 2 == 0 { person(place) } else { null() }))
        }
        "works" => {
            let films = world.films.iter().map(|film| object(Source::Film(film.clone())));
            let books = world.books.iter().map(|book| object(Source::Book(book.clone())));
            list(films.chain(books).chain(world.songs.iter().map(|song| object(Source::Song(song.clone())))))
        }
        "thing" => match number("key") {
            Some(0) => person(0),
            Some(1) => object(Source::Book(world.books[1].clone())),
            Some(2) => object(Source::Film(world.films[2].clone())),
            _ => null(),
        },
        "books" => match books(world, number("of").expect("a default") as u32, arguments) {
            Some(page) => page,
            None => Failure::of(&Error::NotFound("there are no books".to_owned())),
        },
        "broken" => Failure::of(&Error::Conflict("it is broken".to_owned())),
        "version" => Plain::Leaf(json!("1")),
        _ => panic!("no field {field}"),
    }
}

/// What a link gives: the whole fails, the answer is missing, or there it is.
pub fn answer(world: &World, link: Link, of: u32, required: bool, value: impl FnOnce() -> Plain) -> Plain {
    if let Some(fault) = world.fault(link) {
        return Failure::of(&fault);
    }
    match (world.missing(link, of), required) {
        (true, true) => Plain::Failed(Failure::internal()),
        (true, false) => null(),
        (false, _) => value(),
    }
}

pub fn to_person(world: &World, link: Link, of: u32, required: bool) -> Plain {
    answer(world, link, of, required, || {
        object(Source::Person(world.people[world.one(link, of, world.people.len())].clone()))
    })
}

pub fn to_people(world: &World, link: Link, of: u32) -> Vec<Plain> {
    let places = world.many(link, of, world.people.len()).into_iter();
    places.map(|place| object(Source::Person(world.people[place].clone()))).collect()
}

pub fn work(work: WorkRow) -> Plain {
    object(match work {
        WorkRow::Book(row) => Source::Book(row),
        WorkRow::Film(row) => Source::Film(row),
        WorkRow::Song(row) => Source::Song(row),
    })
}
