//! What the command line says, put together with the map file and the file's name.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::columns;
use super::map::{Delimiter, FieldMap};
use super::rows::Format;
use crate::cli::SettingsArgs;
use crate::kernel::error::{Error, Result};
use crate::kernel::money::Currency;

/// Bring data in from a CSV or NDJSON file.
///
/// A row that is in already is left alone, so a file may be imported again. A row that cannot go in goes to
/// the reject file with its line number and the reason. Exit code: 0 when every row is in, 1 when some were
/// rejected, 2 when the import could not be done.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = columns::help())]
pub struct ImportArgs {
    /// What the rows are.
    pub noun: NounName,
    /// The file: *.csv, *.tsv, *.ndjson, *.jsonl; of any other name, what it begins with or --format tells.
    pub file: PathBuf,
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// A TOML file that says what the columns mean.
    #[arg(long)]
    pub map: Option<PathBuf>,
    /// How rows are written; told by the file's name when absent.
    #[arg(long)]
    pub format: Option<FormatName>,
    /// What stands between columns: one character, `tab`, or `blanks` for any number of them.
    #[arg(long)]
    pub delimiter: Option<String>,
    /// The first row is data already.
    #[arg(long)]
    pub no_header: bool,
    /// Names the system the rows come from; ids count within it. The file's name when absent.
    #[arg(long)]
    pub source: Option<String>,
    /// Stands before the customer ids of a system that counts on its own: customer 1 of the namespace `till` is
    /// `till:1`. When absent, ids are those that SDKs send as `userId`.
    #[arg(long)]
    pub namespace: Option<String>,
    /// The currency of amounts whose row names none, such as USD.
    #[arg(long)]
    pub currency: Option<String>,
    /// Of purchases: what customers did by them, `Order Completed`, comes from another file and is not recorded again.
    #[arg(long)]
    pub without_behaviors: bool,
    /// Where rows go that cannot go in; replaced at each run. FILE.rejects.ndjson when absent.
    #[arg(long)]
    pub rejects: Option<PathBuf>,
}

/// Bytes of a file that say what it holds.
const START: u64 = 4096;

/// What can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NounName {
    Customers,
    Behaviors,
    Purchases,
    Products,
}

impl NounName {
    pub fn text(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Behaviors => "behaviors",
            Self::Purchases => "purchases",
            Self::Products => "products",
        }
    }
}

/// How rows may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormatName {
    /// Columns with a delimiter between them.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

/// All that a run needs to know, checked.
#[derive(Debug)]
pub struct Settings {
    pub map: FieldMap,
    pub format: Format,
    pub has_header: bool,
    pub source: String,
    pub namespace: String,
    pub currency: Option<Currency>,
    pub has_behaviors: bool,
    pub rejects: PathBuf,
}

impl Settings {
    /// Flags count more than the map, the map more than the file's name.
    pub fn of(args: &ImportArgs) -> Result<Self> {
        let mut map = args.map.as_deref().map(FieldMap::open).transpose()?.unwrap_or_default();
        let stem = || args.file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let source = args.source.clone().or(map.source.take()).or_else(stem).unwrap_or_default();
        if source.is_empty() || source.len() > 100 || source.contains(char::is_control) {
            return Err(Error::invalid(
                "source",
                "the source must be a name of 1 to 100 bytes; give --source NAME",
            ));
        }
        let namespace = args.namespace.clone().or(map.namespace.take());
        let currency = args.currency.as_deref().map(|code| {
            Currency::parse(code).ok_or_else(|| {
                Error::invalid(
                    "currency",
                    format!("--currency is `{code}`; an ISO 4217 code such as USD is wanted"),
                )
            })
        });
        Ok(Self {
            format: format(args, &map)?,
            has_header: !args.no_header && map.header.unwrap_or(true),
            source,
            namespace: namespace.unwrap_or_default(),
            currency: currency.transpose()?,
            has_behaviors: !args.without_behaviors,
            rejects: args.rejects.clone().unwrap_or_else(|| rejects_beside(&args.file)),
            map,
        })
    }
}

fn format(args: &ImportArgs, map: &FieldMap) -> Result<Format> {
    let extension = args.file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let delimiter = args.delimiter.as_deref().or(map.delimiter.as_deref());
    let is_ndjson = match args.format {
        Some(format) => format == FormatName::Ndjson,
        None if delimiter.is_some() => false,
        None => {
            matches!(extension, "ndjson" | "jsonl") || !is_delimited(extension) && is_json_lines(&args.file)
        }
    };
    if is_ndjson {
        return Ok(Format::Ndjson);
    }
    let by_extension = if extension == "tsv" { "tab" } else { "," };
    Ok(Format::Delimited(Delimiter::parse(delimiter.unwrap_or(by_extension))?))
}

/// Whether a file's name says that it has columns.
fn is_delimited(extension: &str) -> bool {
    matches!(extension, "csv" | "tsv")
}

/// Whether a file of any other name begins with a JSON object. One that cannot be read is told of when it is opened.
fn is_json_lines(file: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(file).and_then(|file| file.take(START).read_to_end(&mut start));
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
    read.is_ok() && start.trim_ascii_start().starts_with(b"{")
}

fn rejects_beside(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(".rejects.ndjson");
    path.into()
}
