//! The types of works as tables: members of an interface and of a union.

use std::borrow::Cow;

use async_graphql::{Enum, InputObject};
use encircle::graph::connection::Paged;
use encircle::graph::{FieldTable, Form, GraphType, Identifier};
use encircle::kernel::page::Cursor;
use entities::ids::{Id, ProductId};

use super::columns::{BOOK, FILM, SONG};
use super::people::Person;
use super::reader::{TestReader, ToBook, ToPerhapsWorks, ToPerson};
use super::world::{BookRow, FilmRow, Link, SongRow, ThingRow, WorkRow};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Kind {
    Book,
    Film,
    Song,
}

impl Kind {
    pub fn is_of(self, work: &WorkRow) -> bool {
        matches!(
            (self, work),
            (Self::Book, WorkRow::Book(_)) | (Self::Film, WorkRow::Film(_)) | (Self::Song, WorkRow::Song(_))
        )
    }
}

/// The arguments of links to works.
#[derive(Debug, InputObject)]
pub struct FavouriteArguments {
    pub kind: Option<Kind>,
    /// How many.
    #[graphql(default = 2)]
    pub limit: i32,
}

pub struct Book;

impl GraphType for Book {
    type Row = BookRow;
    type Reader = TestReader;

    fn name() -> Cow<'static, str> {
        "Book".into()
    }

    fn description() -> Cow<'static, str> {
        "A book.".into()
    }

    fn columns() -> Vec<&'static str> {
        BOOK.to_vec()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The id.", &["id"], |book| Identifier(book.id));
        t.leaf("title", "The title.", &["title"], |book| &book.title);
        t.leaf("pages", "How thick.", &["pages"], |book| &book.pages);
        t.link::<Person, _>("author", "Who wrote it.", &["place"], |book| ToPerson(Link::Author, book.place));
        t.maybe::<Self, _>("sequel", "The next one.", &["place"], |book| {
            Some(ToBook(Link::Sequel, book.place))
        });
        t.link::<Option<Vec<Work>>, _>("related", "Similar works.", &["place"], |book| {
            ToPerhapsWorks(Link::Related, book.place)
        });
    }
}

impl Paged for Book {
    const CURSOR_KIND: u8 = b'b';

    fn cursor(row: &BookRow) -> Cursor {
        cursor(row.place, row.id)
    }
}

/// Where a book stands in its list.
pub fn cursor(place: u32, id: ProductId) -> Cursor {
    Cursor { key: place.into(), id: id.uuid() }
}

pub struct Film;

impl GraphType for Film {
    type Row = FilmRow;
    type Reader = TestReader;

    fn name() -> Cow<'static, str> {
        "Film".into()
    }

    fn description() -> Cow<'static, str> {
        "A film.".into()
    }

    fn columns() -> Vec<&'static str> {
        FILM.to_vec()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The id.", &["id"], |film| Identifier(film.id));
        t.leaf("title", "The title.", &["title"], |film| &film.title);
        t.leaf("minutes", "How long.", &["minutes"], |film| &film.minutes);
        t.maybe::<Person, _>("director", "Who made it.", &["place"], |film| {
            (film.place != 1).then_some(ToPerson(Link::Director, film.place))
        });
    }
}

pub struct Song;

impl GraphType for Song {
    type Row = SongRow;
    type Reader = TestReader;

    fn name() -> Cow<'static, str> {
        "Song".into()
    }

    fn description() -> Cow<'static, str> {
        "A song.".into()
    }

    fn columns() -> Vec<&'static str> {
        SONG.to_vec()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The id.", &["id"], |song| Identifier(song.id));
        t.leaf("title", "The title.", &["title"], |song| &song.title);
        t.leaf("tempo", "How fast.", &["tempo"], |song| &song.tempo);
        t.link::<Person, _>("singer", "Who sings it.", &["place"], |song| ToPerson(Link::Singer, song.place));
    }
}

pub struct Work;

impl GraphType for Work {
    type Row = WorkRow;
    type Reader = TestReader;

    const FORM: Form = Form::Interface;

    fn name() -> Cow<'static, str> {
        "Work".into()
    }

    fn description() -> Cow<'static, str> {
        "What somebody made.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.declared::<Identifier<ProductId>>("id", "The id.");
        t.declared::<String>("title", "The title.");
        t.member::<Book>(|row| if let WorkRow::Book(row) = row { Some(row) } else { None });
        t.member::<Film>(|row| if let WorkRow::Film(row) = row { Some(row) } else { None });
        t.member::<Song>(|row| if let WorkRow::Song(row) = row { Some(row) } else { None });
    }
}

pub struct Thing;

impl GraphType for Thing {
    type Row = ThingRow;
    type Reader = TestReader;

    const FORM: Form = Form::Union;

    fn name() -> Cow<'static, str> {
        "Thing".into()
    }

    fn description() -> Cow<'static, str> {
        "What one may wish for.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.member::<Person>(|row| if let ThingRow::Person(row) = row { Some(row) } else { None });
        t.member::<Book>(|row| if let ThingRow::Book(row) = row { Some(row) } else { None });
        t.member::<Film>(|row| if let ThingRow::Film(row) = row { Some(row) } else { None });
    }
}
