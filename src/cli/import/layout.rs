//! Where a file holds our fields: settled once, before the first row.

use std::collections::BTreeMap;

use super::map::{Column, FieldMap};
use super::rows::Cells;
use super::values::IDENTITY_FIELDS;
use crate::kernel::error::{Error, Result};

/// The fields of a noun that a file may fill.
#[derive(Clone, Copy, Debug)]
pub struct FieldList {
    pub fields: &'static [&'static str],
    /// Without which no row can be read.
    pub required: &'static [&'static str],
    /// The field that is an object of whatever else there is.
    pub open: Option<&'static str>,
    /// The field that is a list of objects, and the keys these may have.
    pub items: Option<(&'static str, &'static [&'static str])>,
}

impl FieldList {
    /// The fields that say whose row it is.
    pub fn identities(self) -> impl Iterator<Item = &'static str> {
        IDENTITY_FIELDS.map(|(field, _)| field).into_iter().filter(move |field| self.fields.contains(field))
    }
}

/// Where a field's value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Constant(String),
    /// Counted from nought.
    Cell(usize),
    /// Keys from the outside in.
    Path(Vec<String>),
}

/// Where each field of a file is.
#[derive(Debug, Default)]
pub struct Layout {
    pub places: BTreeMap<&'static str, Place>,
    /// What goes into the noun's open object, by key.
    pub open: Vec<(String, Place)>,
    /// The list whose items have keys of their own.
    pub items: Option<(&'static str, &'static [&'static str])>,
    /// Columns of the header that nothing asks for.
    pub ignored: Vec<String>,
    /// How many cells a row may have: as many as the header.
    pub width: Option<usize>,
}

/// How the file names what it holds.
#[derive(Clone, Copy, Debug)]
pub enum Naming<'a> {
    Header(&'a [String]),
    /// Columns have positions only.
    Positions,
    /// Rows are objects.
    Keys,
}

impl Layout {
    /// Puts map and header together.
    pub fn resolve(list: FieldList, map: &FieldMap, naming: Naming<'_>) -> Result<Self> {
        check_names(list, map)?;
        let mut layout = Self { items: list.items, ..Self::default() };
        for &field in list.fields {
            let place = match (map.constants.get(field), map.columns.get(field)) {
                (Some(_), Some(_)) => {
                    return Err(wrong(format!("`{field}` is both a column and a constant; keep one")));
                }
                (Some(constant), None) => Some(Place::Constant(constant.clone())),
                (None, Some(column)) => Some(place(field, column, naming)?),
                (None, None) => unmapped(field, naming),
            };
            layout.places.extend(place.map(|place| (field, place)));
        }
        for (key, column) in open_columns(list, map) {
            layout.open.push((key.clone(), place(key, column, naming)?));
        }
        layout.take_header(list, naming);
        if let Some(field) = list.required.iter().find(|field| !layout.places.contains_key(**field)) {
            return Err(missing(&format!("`{field}`"), naming));
        }
        let identities: Vec<_> = list.identities().collect();
        if !identities.is_empty() && !identities.iter().any(|field| layout.places.contains_key(field)) {
            let wanted = format!("the customer's, one of {}", identities.join(", "));
            return Err(missing(&wanted, naming));
        }
        Ok(layout)
    }

    /// Why a row is not what the header promises. Cells that are one too many mean that those before them
    /// may have slipped into the wrong columns.
    pub fn misfit(&self, cells: &Cells) -> Option<String> {
        let (Some(width), Cells::Columns(columns)) = (self.width, cells) else { return None };
        (columns.len() > width).then(|| {
            format!(
                "the row has {} cells, the header {width}; quote a cell that holds the delimiter",
                columns.len()
            )
        })
    }

    /// Columns named `properties.film` need no map; the rest of the header is ignored.
    fn take_header(&mut self, list: FieldList, naming: Naming<'_>) {
        let Naming::Header(header) = naming else { return };
        self.width = Some(header.len());
        for (index, name) in header.iter().enumerate() {
            let place = Place::Cell(index);
            let is_used =
                self.places.values().chain(self.open.iter().map(|(_, place)| place)).any(|p| *p == place);
            let key =
                list.open.and_then(|open| name.strip_prefix(open)).and_then(|rest| rest.strip_prefix('.'));
            match key {
                _ if is_used => {}
                Some(key) => self.open.push((key.to_owned(), place)),
                None => self.ignored.push(name.clone()),
            }
        }
    }
}

fn open_columns(list: FieldList, map: &FieldMap) -> &BTreeMap<String, Column> {
    if list.open == Some("traits") { &map.traits } else { &map.properties }
}

fn check_names(list: FieldList, map: &FieldMap) -> Result<()> {
    let known = |name: &&String| list.fields.contains(&name.as_str());
    if let Some(name) = map.columns.keys().chain(map.constants.keys()).find(|name| !known(name)) {
        return Err(wrong(format!("`{name}` is no field here; the fields are {}", list.fields.join(", "))));
    }
    for (table, entries) in [("properties", &map.properties), ("traits", &map.traits)] {
        if list.open != Some(table) && !entries.is_empty() {
            return Err(wrong(format!("what is imported has no [{table}]; remove that table")));
        }
    }
    Ok(())
}

fn place(field: &str, column: &Column, naming: Naming<'_>) -> Result<Place> {
    match (column, naming) {
        (Column::Position(0), _) => Err(wrong(format!("`{field}` is at position 0; positions begin at 1"))),
        (Column::Position(_), Naming::Keys) => {
            Err(wrong(format!("`{field}` has a position, but the file holds JSON objects; name a key")))
        }
        (Column::Position(position), _) => Ok(Place::Cell(position - 1)),
        (Column::Name(name), Naming::Keys) => Ok(Place::Path(name.split('.').map(str::to_owned).collect())),
        (Column::Name(name), Naming::Header(header)) => {
            let index = header.iter().position(|column| column == name);
            index.map(Place::Cell).ok_or_else(|| {
                wrong(format!("`{field}` is column `{name}`, but the header has {}", header.join(", ")))
            })
        }
        (Column::Name(name), Naming::Positions) => {
            Err(wrong(format!("`{field}` is column `{name}`, but the file has no header; give a position")))
        }
    }
}

/// Without a map, a field is the column or key of its own name.
fn unmapped(field: &str, naming: Naming<'_>) -> Option<Place> {
    match naming {
        Naming::Header(header) => header.iter().position(|column| column == field).map(Place::Cell),
        Naming::Positions => None,
        Naming::Keys => Some(Place::Path(vec![field.to_owned()])),
    }
}

fn missing(what: &str, naming: Naming<'_>) -> Error {
    let has = match naming {
        Naming::Header(header) => format!("the header has {}", header.join(", ")),
        Naming::Positions | Naming::Keys => "the file has no header".to_owned(),
    };
    wrong(format!("nothing says which column is {what}: {has}; name it under [columns] in a map file"))
}

fn wrong(message: String) -> Error {
    Error::invalid("map", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: FieldList = FieldList {
        fields: &["name", "at", "properties"],
        required: &["name"],
        open: Some("properties"),
        items: None,
    };

    fn header() -> Vec<String> {
        ["who", "name", "properties.film", "at"].map(str::to_owned).to_vec()
    }

    #[test]
    fn map_and_header_together_say_where_fields_are() {
        let map = FieldMap {
            columns: [("name".to_owned(), Column::Name("who".to_owned()))].into(),
            constants: [("at".to_owned(), "now".to_owned())].into(),
            ..FieldMap::default()
        };
        let layout = Layout::resolve(LIST, &map, Naming::Header(&header())).expect("it fits");
        assert_eq!(layout.places["name"], Place::Cell(0));
        assert_eq!(layout.places["at"], Place::Constant("now".to_owned()));
        assert_eq!(layout.open, [("film".to_owned(), Place::Cell(2))]);
        assert_eq!(layout.ignored, ["name", "at"]);
    }

    #[test]
    fn what_does_not_fit_is_said_before_the_first_row() {
        let column = |field: &str, column| FieldMap {
            columns: [(field.to_owned(), column)].into(),
            ..FieldMap::default()
        };
        let name = |text: &str| Column::Name(text.to_owned());
        let header = header();
        for (map, naming) in [
            (column("nam", name("who")), Naming::Header(&header)),
            (column("name", name("whom")), Naming::Header(&header)),
            (column("name", Column::Position(0)), Naming::Positions),
            (column("name", name("who")), Naming::Positions),
            (column("name", Column::Position(1)), Naming::Keys),
            (FieldMap::default(), Naming::Positions),
        ] {
            assert!(Layout::resolve(LIST, &map, naming).is_err(), "{map:?}");
        }
    }
}
