//! The columns of the world's rows. A reader gives only those that are wanted: what a plan forgets to ask
//! for is wrong in the answer.

use encircle::kernel::columns::Columns;
use entities::ids::{CustomerId, ProductId};

use super::world::{BookRow, FilmRow, Mood, Note, PersonRow, SongRow, Tally};

pub const PERSON: &[&str] = &[
    "id", "place", "name", "nick", "age", "born", "mood", "score", "tags", "labels", "wins", "losses",
    "notes", "friend",
];
pub const BOOK: &[&str] = &["id", "place", "title", "pages"];
pub const FILM: &[&str] = &["id", "place", "title", "minutes"];
pub const SONG: &[&str] = &["id", "place", "title", "tempo"];

/// The set of columns with these names.
pub fn named(of: &[&str], names: &[&str]) -> Columns {
    names.iter().fold(Columns::NONE, |all, name| {
        all | Columns::at(of.iter().position(|column| column == name).expect("a column of the row"))
    })
}

fn unread() -> String {
    "not asked for".to_owned()
}

/// The value of a column, or what shows that nobody asked for it.
fn pick<V>(of: &[&str], columns: Columns, name: &str, value: V, unread: V) -> V {
    let position = of.iter().position(|column| *column == name).expect("a column of the row");
    if columns.contains(position) { value } else { unread }
}

impl PersonRow {
    pub fn only(&self, columns: Columns) -> Self {
        let all = self.clone();
        Self {
            id: pick(PERSON, columns, "id", all.id, CustomerId::default()),
            place: pick(PERSON, columns, "place", all.place, u32::MAX),
            name: pick(PERSON, columns, "name", all.name, unread()),
            nick: pick(PERSON, columns, "nick", all.nick, Some(unread())),
            age: pick(PERSON, columns, "age", all.age, -1),
            born: pick(PERSON, columns, "born", all.born, Some(entities::timestamp::Timestamp::MAX)),
            mood: pick(PERSON, columns, "mood", all.mood, Mood::Sad),
            score: pick(PERSON, columns, "score", all.score, Some(-1.0)),
            tags: pick(PERSON, columns, "tags", all.tags, vec![unread()]),
            labels: pick(PERSON, columns, "labels", all.labels, Some(vec![Some(unread())])),
            tally: Tally {
                wins: pick(PERSON, columns, "wins", all.tally.wins, -1),
                losses: pick(PERSON, columns, "losses", all.tally.losses, -1),
                notes: if columns.contains(12) {
                    all.tally.notes
                } else {
                    // As many: `notes { __typename }` reads no column.
                    all.tally.notes.iter().map(|_| Note { text: Some(unread()) }).collect()
                },
            },
            friend: pick(PERSON, columns, "friend", all.friend, Some(u32::MAX)),
        }
    }
}

impl BookRow {
    pub fn only(&self, columns: Columns) -> Self {
        Self {
            id: pick(BOOK, columns, "id", self.id, ProductId::default()),
            place: pick(BOOK, columns, "place", self.place, u32::MAX),
            title: pick(BOOK, columns, "title", self.title.clone(), unread()),
            pages: pick(BOOK, columns, "pages", self.pages, -1),
        }
    }
}

impl FilmRow {
    pub fn only(&self, columns: Columns) -> Self {
        Self {
            id: pick(FILM, columns, "id", self.id, ProductId::default()),
            place: pick(FILM, columns, "place", self.place, u32::MAX),
            title: pick(FILM, columns, "title", self.title.clone(), unread()),
            minutes: pick(FILM, columns, "minutes", self.minutes, Some(-1)),
        }
    }
}

impl SongRow {
    pub fn only(&self, columns: Columns) -> Self {
        Self {
            id: pick(SONG, columns, "id", self.id, ProductId::default()),
            place: pick(SONG, columns, "place", self.place, u32::MAX),
            title: pick(SONG, columns, "title", self.title.clone(), unread()),
            tempo: pick(SONG, columns, "tempo", self.tempo, -1.0),
        }
    }
}
