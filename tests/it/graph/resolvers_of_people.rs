//! What the fields of people resolve to: more of [`super::resolvers`].

use encircle::kernel::error::Error;
use encircle::kernel::page::Cursor;
use serde_json::{Map, Value, json};

use super::resolvers::{
    BookPage, Failure, Plain, Source, answer, list, null, object, to_people, to_person, work,
};
use super::world::{BookRow, Link, Mood, PersonRow, ThingRow, WorkRow, World};

pub fn person_field(world: &World, person: &PersonRow, field: &str, arguments: &Map<String, Value>) -> Plain {
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
pub fn books(world: &World, of: u32, arguments: &Map<String, Value>) -> Option<Plain> {
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
