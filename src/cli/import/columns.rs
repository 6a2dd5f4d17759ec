//! What the help says of the columns that each noun's rows may have.

use super::args::NounName;
use super::behaviors::Behaviors;
use super::customers::Customers;
use super::layout::FieldList;
use super::noun::Noun;
use super::products::Products;
use super::purchases::Purchases;

/// The columns of each noun, in words.
pub fn help() -> String {
    let nouns = [
        (NounName::Customers, Customers::FIELDS),
        (NounName::Behaviors, Behaviors::FIELDS),
        (NounName::Purchases, Purchases::FIELDS),
        (NounName::Products, Products::FIELDS),
    ];
    let intro = "Columns (keys, in NDJSON) that need no --map; those of other names it maps to these.";
    nouns.iter().fold(intro.to_owned(), |help, (noun, list)| help + &section(noun.text(), *list))
}

fn section(noun: &str, list: FieldList) -> String {
    let identities: Vec<_> = list.identities().collect();
    let others = list.fields.iter().filter(|field| {
        !identities.contains(field) && !list.required.contains(field) && list.open != Some(**field)
    });
    let others: Vec<_> = others.copied().collect();
    let open = list.open.map(|open| vec![format!("{open} (a JSON object)"), format!("{open}.KEY")]);
    let rows = [
        ("one or more of", identities.join(", ")),
        ("required", list.required.join(", ")),
        ("optional", others.join(", ")),
        ("anything else", open.unwrap_or_default().join(", ")),
    ];
    let rows = rows.iter().filter(|(_, columns)| !columns.is_empty());
    rows.fold(format!("\n\n{noun} rows:"), |text, (what, columns)| text + &format!("\n  {what}: {columns}"))
}
