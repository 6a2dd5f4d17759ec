//! What every field of the test schema resolves to, as plain values: the tables' counterpart for the
//! reference interpreter, one object at a time.

use encircle::kernel::error::Error;
use encircle::kernel::page::Cursor;
use encircle::kernel::viewer::Scope;
use entities::ids::Id;
use serde_json::{Map, Value, json};

use super::world::{BookRow, FilmRow, Link, Mood, PersonRow, SongRow, ThingRow, WorkRow, World};

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
    books: Vec<BookRow>,
    has_next: bool,
    has_previous: bool,
    total: usize,
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

    fn of(error: &Error) -> Plain {
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

fn object(source: Source) -> Plain {
    Plain::Object(Box::new(source))
}

fn null() -> Plain {
    Plain::Leaf(Value::Null)
}

fn list(items: impl Iterator<Item = Plain>) -> Plain {
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
fn answer(world: &World, link: Link, of: u32, required: bool, value: impl FnOnce() -> Plain) -> Plain {
    if let Some(fault) = world.fault(link) {
        return Failure::of(&fault);
    }
    match (world.missing(link, of), required) {
        (true, true) => Plain::Failed(Failure::internal()),
        (true, false) => null(),
        (false, _) => value(),
    }
}

fn to_person(world: &World, link: Link, of: u32, required: bool) -> Plain {
    answer(world, link, of, required, || {
        object(Source::Person(world.people[world.one(link, of, world.people.len())].clone()))
    })
}

fn to_people(world: &World, link: Link, of: u32) -> Vec<Plain> {
    let places = world.many(link, of, world.people.len()).into_iter();
    places.map(|place| object(Source::Person(world.people[place].clone()))).collect()
}

fn work(work: WorkRow) -> Plain {
    object(match work {
        WorkRow::Book(row) => Source::Book(row),
        WorkRow::Film(row) => Source::Film(row),
        WorkRow::Song(row) => Source::Song(row),
    })
}

fn person_field(world: &World, person: &PersonRow, field: &str, arguments: &Map<String, Value>) -> Plain {
    let place = person.place;
    match field {
        "id" => Plain::Leaf(json!(person.id.to_string())),
        "name" => Plain::Leaf(json!(person.name)),
        "nick" | "secret" => Plain::Leaf(json!(person.nick)),
        "age" | "code" => Plain::Leaf(json!(person.age)),
        "born" => Plain::Leaf(json!(person.born.map(|born| born.to_string()))),
        "mood" => Plain::Leaf(json!(mood(person.mood))),
        "moods" => Plain::List(vec![Plain::Leaf(json!(mood(person.mood))), null()]),
        "score" => Plain::Leaf(json!(person.score)),
        "tags" => Plain::Leaf(json!(person.tags)),
        "labels" => Plain::Leaf(json!(person.labels)),
        "adult" => Plain::Leaf(json!(person.age >= 18)),
        "luck" => luck(place),
        "fate" => fate(place, 7),
        "throws" => list((place..place + 3).map(luck)),
        "rolls" => list((place..place + 2).map(|place| fate(place, 5))),
        "odds" => Plain::List(vec![
            Plain::Leaf(json!(0.5)),
            null(),
            if place % 3 == 0 { Plain::Failed(Failure::internal()) } else { Plain::Leaf(json!(1.0)) },
        ]),
        "echo" | "hidden" => Plain::Leaf(json!(echo(&person.name, arguments))),
        "home" if place % 3 == 0 => null(),
        "home" => object(Source::Address { of: place, home: 0 }),
        "homes" => list((0..place % 3).map(|home| object(Source::Address { of: place, home }))),
        "tally" => object(Source::Tally(person.clone())),
        "friend" => person.friend.map_or_else(null, |friend| to_person(world, Link::Friend, friend, false)),
        "boss" => to_person(world, Link::Boss, place, true),
        "secretFriend" => {
            person.friend.map_or_else(null, |friend| to_person(world, Link::SecretFriend, friend, false))
        }
        "secretBoss" => to_person(world, Link::SecretBoss, place, true),
        "friends" => {
            answer(world, Link::Friends, place, true, || Plain::List(to_people(world, Link::Friends, place)))
        }
        "rivals" => answer(world, Link::Rivals, place, true, || {
            let rivals = to_people(world, Link::Rivals, place).into_iter().enumerate();
            list(
                rivals
                    .map(|(item, rival)| if world.null(Link::Rivals, place, item) { null() } else { rival }),
            )
        }),
        "pupils" => answer(world, Link::Pupils, place, false, || {
            if world.null(Link::Pupils, place, 0) {
                null()
            } else {
                Plain::List(to_people(world, Link::Pupils, place))
            }
        }),
        "favourites" => favourites(world, place, arguments),
        "wishes" => answer(world, Link::Wishes, place, false, || {
            if world.null(Link::Wishes, place, 50) {
                return null();
            }
            list(world.things(Link::Wishes, place).into_iter().map(|thing| match thing {
                None => null(),
                Some(ThingRow::Person(row)) => object(Source::Person(row)),
                Some(ThingRow::Book(row)) => object(Source::Book(row)),
                Some(ThingRow::Film(row)) => object(Source::Film(row)),
            }))
        }),
        "books" => books(world, place, arguments).unwrap_or(Plain::Failed(Failure::internal())),
        _ => panic!("no field {field}"),
    }
}

fn luck(place: u32) -> Plain {
    match place % 4 {
        0 => null(),
        1 => Failure::of(&Error::NotFound(format!("no luck at {place}"))),
        _ => Plain::Leaf(json!(place)),
    }
}

fn fate(place: u32, one_in: u32) -> Plain {
    match place % one_in {
        3 => Failure::of(&Error::invalid("", format!("no fate at {place}"))),
        _ => Plain::Leaf(json!(place)),
    }
}

fn mood(mood: Mood) -> &'static str {
    match mood {
        Mood::Happy => "HAPPY",
        Mood::Sad => "SAD",
        Mood::VeryCalm => "VERY_CALM",
    }
}

fn echo(name: &str, arguments: &Map<String, Value>) -> String {
    let given = |name: &str| arguments.get(name).cloned().unwrap_or_default();
    let note = match arguments.get("note") {
        None => json!("nothing"),
        Some(Value::Null) => Value::Null,
        Some(note) => json!([note]),
    };
    let values = [
        json!(name),
        given("mood"),
        given("times"),
        given("nick"),
        note,
        given("limit"),
        given("words"),
        given("grid"),
        shape(&given("shape")),
        given("ratio"),
        given("key"),
        given("at"),
    ];
    values.iter().map(|value| format!("{value};")).collect()
}

fn shape(value: &Value) -> Value {
    if value.is_null() {
        return Value::Null;
    }
    let given = |name: &str| value.get(name).cloned().unwrap_or_default();
    json!([given("label"), given("width"), given("height"), shape(&given("inner")), given("sides")])
}

fn favourites(world: &World, of: u32, arguments: &Map<String, Value>) -> Plain {
    let limit = arguments["limit"].as_i64().expect("a number");
    if limit < 0 {
        return Failure::of(&Error::invalid("limit", "`limit` must not be negative"));
    }
    answer(world, Link::Favourites, of, true, || {
        let works = world.works(Link::Favourites, of).into_iter().filter(|work| {
            match arguments.get("kind").and_then(Value::as_str) {
                Some("BOOK") => matches!(work, WorkRow::Book(_)),
                Some("FILM") => matches!(work, WorkRow::Film(_)),
                Some("SONG") => matches!(work, WorkRow::Song(_)),
                _ => true,
            }
        });
        list(works.take(limit as usize).map(work))
    })
}

/// A page of somebody's books; none if the answer is missing.
fn books(world: &World, of: u32, arguments: &Map<String, Value>) -> Option<Plain> {
    let invalid = |field: &str, message: String| Some(Failure::of(&Error::invalid(field, message)));
    let size = |name: &str| arguments.get(name).and_then(Value::as_i64);
    let (name, size) = match (size("first"), size("last")) {
        (Some(_), Some(_)) => return invalid("last", "give `first` or `last`, not both".to_owned()),
        (None, Some(last)) => ("last", last),
        (first, None) => ("first", first.unwrap_or(20)),
    };
    if size < 0 {
        return invalid(name, format!("`{name}` is {size}; it must not be negative"));
    }
    let mut places = [None, None];
    for (place, name) in places.iter_mut().zip(["after", "before"]) {
        if let Some(text) = arguments.get(name).and_then(Value::as_str) {
            let Some(cursor) = Cursor::decode(text, b'b') else {
                let message = format!(
                    "`{name}` is not a cursor of this list; pass an edge's `cursor` or `pageInfo`'s unchanged"
                );
                return invalid(name, message);
            };
            *place = Some(cursor.key as u32);
        }
    }
    if let Some(fault) = world.fault(Link::Books) {
        return Some(Failure::of(&fault));
    }
    if world.missing(Link::Books, of) {
        return None;
    }
    let [after, before] = places;
    let all = world.books_of(of);
    let mut books: Vec<BookRow> = all
        .iter()
        .filter(|book| {
            after.is_none_or(|after| book.place > after) && before.is_none_or(|before| book.place < before)
        })
        .map(|book| (*book).clone())
        .collect();
    let size = size.min(100) as usize;
    let more = books.len() > size;
    let (has_next, has_previous) = if name == "last" {
        books.drain(..books.len().saturating_sub(size));
        (before.is_some(), more)
    } else {
        books.truncate(size);
        (more, after.is_some())
    };
    Some(object(Source::Connection(BookPage { books, has_next, has_previous, total: all.len() })))
}
