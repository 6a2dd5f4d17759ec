//! The types of people as tables: every kind of field.

use std::borrow::Cow;

use async_graphql::{ID, InputObject, MaybeUndefined};
use encircle::graph::scalars::DateTime;
use encircle::graph::{Connection, EnumLeaf, FieldTable, GraphType, Identifier, Input};
use encircle::kernel::error::{Error, Result};
use encircle::kernel::viewer::Scope;
use serde_json::{Value, json};

use super::columns::PERSON;
use super::reader::{
    TestReader, ToBooks, ToPeople, ToPerhapsPeople, ToPerson, ToSomePeople, ToThings, ToWorks,
};
use super::works::{Book, Thing, Work};
use super::world::{AddressRow, Link, Mood, Note as NoteRow, PersonRow, Tally as TallyRow};

pub struct Person;

impl GraphType for Person {
    type Row = PersonRow;
    type Reader = TestReader;

    fn name() -> Cow<'static, str> {
        "Person".into()
    }

    fn description() -> Cow<'static, str> {
        "Somebody.".into()
    }

    fn columns() -> Vec<&'static str> {
        PERSON.to_vec()
    }

    fn fields(t: &mut FieldTable<Self>) {
        leaves(t);
        computed(t);
        inside(t);
        links(t);
    }
}

fn leaves(t: &mut FieldTable<Person>) {
    t.calc("id", "The id.", &["id"], |person| Identifier(person.id));
    t.leaf("name", "The name.", &["name"], |person| &person.name);
    t.leaf("nick", "The nickname.", &["nick"], |person| &person.nick);
    t.leaf("age", "Years.", &["age"], |person| &person.age);
    t.leaf("born", "The birth.", &["born"], |person| &person.born);
    t.calc("mood", "The mood.", &["mood"], |person| EnumLeaf(person.mood));
    t.calc("moods", "Two moods.", &["mood"], |person| vec![Some(EnumLeaf(person.mood)), None]);
    t.leaf("score", "The score.", &["score"], |person| &person.score);
    t.leaf("tags", "Tags.", &["tags"], |person| &person.tags);
    t.leaf("labels", "Labels.", &["labels"], |person| &person.labels);
    t.leaf("secret", "The nickname, hidden.", &["nick"], |person| &person.nick).needs(Scope::Personal);
    t.leaf("code", "The age, hidden.", &["age"], |person| &person.age).needs(Scope::Behaviors);
}

fn computed(t: &mut FieldTable<Person>) {
    t.calc("adult", "Whether of age.", &["age"], |person| person.age >= 18).deprecated("Ask for `age`.");
    t.calc("luck", "Null or a failure for some.", &["place"], |person| luck(person.place));
    t.calc("fate", "A failure for some.", &["place"], |person| fate(person.place, 7));
    t.calc("throws", "Items fail, and may be null.", &["place"], |person| {
        (0..3).map(|throw| luck(person.place + throw)).collect::<Vec<_>>()
    });
    t.calc("rolls", "Items fail, and may not be null.", &["place"], |person| {
        Some((0..2).map(|roll| fate(person.place + roll, 5)).collect::<Vec<_>>())
    });
    t.calc("odds", "A number JSON has not, for some.", &["place"], |person| {
        vec![Some(0.5), None, Some(if person.place.is_multiple_of(3) { f64::NAN } else { 1.0 })]
    });
    t.calc_with(
        "echo",
        "The arguments, as they came.",
        &["name"],
        |person, arguments: &Input<EchoArguments>| arguments.0.shown(&person.name),
    );
    t.calc_with("hidden", "The arguments, hidden.", &["name"], |person, arguments: &Input<EchoArguments>| {
        Some(arguments.0.shown(&person.name))
    })
    .needs(Scope::Personal);
}

fn inside(t: &mut FieldTable<Person>) {
    t.embed::<Option<Address>>("home", "Where they live.", &["place"], |person| {
        (!person.place.is_multiple_of(3)).then(|| address(person.place, 0))
    });
    t.embed::<Vec<Address>>("homes", "Where they lived.", &["place"], |person| {
        (0..person.place % 3).map(|home| address(person.place, home)).collect()
    });
    t.inner::<Tally>("tally", "Wins and losses.", |person| &person.tally);
}

fn links(t: &mut FieldTable<Person>) {
    t.maybe::<Person, _>("friend", "A friend.", &["friend"], |person| {
        Some(ToPerson(Link::Friend, person.friend?))
    });
    t.link::<Person, _>("boss", "The boss.", &["place"], |person| ToPerson(Link::Boss, person.place));
    t.link::<Vec<Person>, _>("friends", "Friends.", &["place"], |person| {
        ToPeople(Link::Friends, person.place)
    });
    t.link::<Vec<Option<Person>>, _>("rivals", "Rivals.", &["place"], |person| {
        ToSomePeople(Link::Rivals, person.place)
    });
    t.link::<Option<Vec<Person>>, _>("pupils", "Pupils.", &["place"], |person| {
        ToPerhapsPeople(Link::Pupils, person.place)
    });
    t.maybe::<Person, _>("secretFriend", "Hidden.", &["friend"], |person| {
        Some(ToPerson(Link::SecretFriend, person.friend?))
    })
    .needs(Scope::Lists);
    t.link::<Person, _>("secretBoss", "Hidden.", &["place"], |person| {
        ToPerson(Link::SecretBoss, person.place)
    })
    .needs(Scope::Offers)
    .cost(3);
    t.link::<Vec<Work>, _>("favourites", "What they like.", &["place"], |person| {
        ToWorks(Link::Favourites, person.place)
    });
    t.link::<Option<Vec<Option<Thing>>>, _>("wishes", "What they want.", &["place"], |person| {
        ToThings(Link::Wishes, person.place)
    });
    t.link::<Connection<Book>, _>("books", "What they have.", &["place"], |person| {
        ToBooks(Link::Books, person.place)
    });
}

/// Null, a failure or a number, by place.
fn luck(place: u32) -> Result<Option<i32>> {
    match place % 4 {
        0 => Ok(None),
        1 => Err(Error::NotFound(format!("no luck at {place}"))),
        _ => Ok(Some(place as i32)),
    }
}

fn fate(place: u32, one_in: u32) -> Result<i32> {
    if place % one_in == 3 {
        Err(Error::invalid("place", format!("no fate at {place}")))
    } else {
        Ok(place as i32)
    }
}

fn address(of: u32, home: u32) -> AddressRow {
    AddressRow {
        of,
        street: format!("Street {of}"),
        city: home.is_multiple_of(2).then(|| format!("City {home}")),
    }
}

#[derive(Debug, InputObject)]
pub struct EchoArguments {
    #[graphql(default_with = "Mood::VeryCalm")]
    mood: Mood,
    /// How often.
    #[graphql(default = 1)]
    times: i32,
    nick: Option<String>,
    note: MaybeUndefined<String>,
    #[graphql(default = 7)]
    limit: Option<i32>,
    words: Option<Vec<String>>,
    grid: Option<Vec<Option<Vec<i32>>>>,
    shape: Option<Box<Figure>>,
    #[graphql(default = 0.5)]
    ratio: f64,
    key: Option<ID>,
    at: Option<DateTime>,
}

#[derive(Debug, InputObject)]
#[graphql(name = "Shape")]
struct Figure {
    label: String,
    #[graphql(default = 3)]
    width: i32,
    height: Option<i32>,
    inner: Option<Box<Figure>>,
    sides: Option<Vec<Option<Mood>>>,
}

fn mood(mood: Mood) -> &'static str {
    match mood {
        Mood::Happy => "HAPPY",
        Mood::Sad => "SAD",
        Mood::VeryCalm => "VERY_CALM",
    }
}

impl EchoArguments {
    fn shown(&self, name: &str) -> String {
        let note = match &self.note {
            MaybeUndefined::Undefined => json!("nothing"),
            MaybeUndefined::Null => Value::Null,
            MaybeUndefined::Value(note) => json!([note]),
        };
        [
            json!(name),
            json!(mood(self.mood)),
            json!(self.times),
            json!(self.nick),
            note,
            json!(self.limit),
            json!(self.words),
            json!(self.grid),
            self.shape.as_ref().map_or(Value::Null, |shape| shape.shown()),
            json!(self.ratio),
            json!(self.key.as_ref().map(|key| key.as_str())),
            json!(self.at.as_ref().map(|at| at.0.to_string())),
        ]
        .iter()
        .map(|value| format!("{value};"))
        .collect()
    }
}

impl Figure {
    fn shown(&self) -> Value {
        let sides =
            self.sides.as_ref().map(|sides| sides.iter().map(|side| side.map(mood)).collect::<Vec<_>>());
        let inner = self.inner.as_ref().map_or(Value::Null, |inner| inner.shown());
        json!([self.label, self.width, self.height, inner, sides])
    }
}

pub struct Address;

impl GraphType for Address {
    type Row = AddressRow;
    type Reader = TestReader;

    fn name() -> Cow<'static, str> {
        "Address".into()
    }

    fn description() -> Cow<'static, str> {
        "A place.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.leaf("street", "The street.", &[], |address| &address.street);
        t.calc("city", "The city; failing where there is none.", &[], |address| {
            address.city.clone().ok_or_else(|| Error::internal("no city"))
        });
        t.maybe::<Person, _>("resident", "Who lives there.", &[], |address| {
            Some(ToPerson(Link::Resident, address.of))
        });
    }
}

pub struct Tally;

impl GraphType for Tally {
    type Row = TallyRow;
    type Reader = TestReader;

    fn name() -> Cow<'static, str> {
        "Tally".into()
    }

    fn description() -> Cow<'static, str> {
        "Wins and losses.".into()
    }

    fn columns() -> Vec<&'static str> {
        PERSON.to_vec()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.leaf("wins", "Wins.", &["wins"], |tally| &tally.wins);
        t.leaf("losses", "Losses.", &["losses"], |tally| &tally.losses);
        t.inner::<Vec<Note>>("notes", "Notes.", |tally| &tally.notes);
    }
}

pub struct Note;

impl GraphType for Note {
    type Row = NoteRow;
    type Reader = TestReader;

    fn name() -> Cow<'static, str> {
        "Note".into()
    }

    fn description() -> Cow<'static, str> {
        "A note.".into()
    }

    fn columns() -> Vec<&'static str> {
        PERSON.to_vec()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.leaf("text", "What it says.", &["notes"], |note| &note.text);
    }
}
