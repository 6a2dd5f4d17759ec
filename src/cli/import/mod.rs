//! `encircle import`: brings customers, behaviors, purchases and products in from files, in bounded memory. Running it
//! again changes nothing, so a run that was broken off is simply repeated.

mod args;
mod behaviors;
mod columns;
mod customers;
mod ignored;
mod layout;
mod map;
mod noun;
mod parse;
mod products;
mod purchases;
mod rejects;
mod rows;
mod summary;
mod values;

use std::fs::File;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use indicatif::ProgressBar;

pub use args::{ImportArgs, NounName};
pub use summary::Summary;

use args::Settings;
use layout::{Layout, Naming};
use noun::{Batch, Context, Noun, Occurrences, Outcome, References};
use rejects::{Reject, RejectFile};
use rows::{Cells, Format, Row, Rows};
use values::Values;

use crate::cli::progress;
use crate::db::{Db, migrate};
use crate::domain::ingest::service::Ingest;
use crate::domain::offers::recorded::RecordedDecisions;
use crate::kernel::clock::Clock;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::Ids;

/// Rows of one transaction.
const ROWS_AT_ONCE: usize = 1_000;
/// How often a transaction is tried while the database is busy or away.
const ATTEMPTS: usize = 3;

/// Runs the command: the summary goes to standard output, the progress to standard error. The exit code is
/// 0 when every row is in, 1 when some are in the reject file; what stops a run as a whole is an error.
pub async fn run(args: ImportArgs, clock: &Clock, ids: &Ids) -> Result<ExitCode> {
    let config = args.settings.read()?.database();
    migrate::migrate(&config).await?;
    let db = Db::connect(&config).await?;
    let summary = import(&db, clock, ids, &args).await;
    db.close().await?;
    let summary = summary?;
    write!(std::io::stdout(), "{summary}").map_err(Error::internal)?;
    Ok(summary.exit_code())
}

/// Imports the file that `args` name into a database that is open.
pub async fn import(db: &Db, clock: &Clock, ids: &Ids, args: &ImportArgs) -> Result<Summary> {
    let settings = Settings::of(args)?;
    let references = References::load(db).await?;
    let mut ingest = Ingest::open(db, clock.clone(), ids.clone()).await?;
    ingest.decisions = Arc::new(RecordedDecisions::default());
    ingest.unknown_names = args.settings.read()?.app().unknown_behaviors;
    let context = Context {
        db: db.clone(),
        ingest,
        ids: ids.clone(),
        now: clock.now(),
        source: settings.source.clone(),
        namespace: settings.namespace.clone(),
        dates: settings.map.dates.clone(),
        currency: settings.currency,
        has_behaviors: settings.has_behaviors,
        references,
        seen: Occurrences::default(),
    };
    match args.noun {
        NounName::Customers => Run::<customers::Customers>::new(args, settings, context)?.finish().await,
        NounName::Behaviors => Run::<behaviors::Behaviors>::new(args, settings, context)?.finish().await,
        NounName::Purchases => Run::<purchases::Purchases>::new(args, settings, context)?.finish().await,
        NounName::Products => Run::<products::Products>::new(args, settings, context)?.finish().await,
    }
}

/// A row that was read, with what the reject file needs should it be refused.
struct Pending<R> {
    line: u64,
    raw: Vec<u8>,
    record: R,
}

/// The import of one file.
struct Run<N: Noun> {
    rows: Rows<File>,
    layout: Layout,
    context: Context,
    bar: ProgressBar,
    rejects: RejectFile,
    summary: Summary,
    pending: Vec<Pending<N::Record>>,
    rejected: Vec<Reject>,
}

impl<N: Noun> Run<N> {
    fn new(args: &ImportArgs, settings: Settings, context: Context) -> Result<Self> {
        let unreadable = |error: std::io::Error| {
            Error::invalid("file", format!("{} cannot be read: {error}", args.file.display()))
        };
        let file = File::open(&args.file).map_err(unreadable)?;
        let bar = progress::bar(
            Some(file.metadata().map_err(unreadable)?.len()),
            "{bar:40} {bytes} of {total_bytes}, {eta} left",
        );
        let mut rows = Rows::new(file, settings.format);
        let layout = layout::<N>(&settings, &mut rows)?;
        let summary = Summary {
            source: settings.source,
            noun: args.noun.text(),
            ignored: layout.ignored.clone(),
            rejects: settings.rejects.clone(),
            ..Summary::default()
        };
        Ok(Self {
            rows,
            layout,
            context,
            bar,
            rejects: RejectFile::new(settings.rejects)?,
            summary,
            pending: Vec::new(),
            rejected: Vec::new(),
        })
    }

    async fn finish(mut self) -> Result<Summary> {
        while let Some(row) = self.rows.next_row().map_err(|error| broken(&error))? {
            self.take(row);
            if self.pending.len() + self.rejected.len() >= ROWS_AT_ONCE {
                self.flush().await?;
            }
        }
        self.flush().await?;
        self.bar.finish_and_clear();
        Ok(self.summary)
    }

    fn take(&mut self, row: Row) {
        self.summary.read += 1;
        let Row { line, raw, cells } = row;
        let record = cells.map_err(|reason| (None, reason)).and_then(|cells| {
            self.summary.ignored_keys.note(&self.layout, &cells);
            if let Some(reason) = self.layout.misfit(&cells) {
                return Err((None, reason));
            }
            N::read(&mut self.context, Values { layout: &self.layout, cells: &cells })
                .map_err(|error| (Some(error.field), error.reason))
        });
        match record {
            Ok(record) => self.pending.push(Pending { line, raw, record }),
            Err((field, reason)) => self.rejected.push(Reject { line, field, reason, raw: text(&raw) }),
        }
    }

    /// Writes what is pending in one transaction, then the rejects.
    async fn flush(&mut self) -> Result<()> {
        let records: Vec<_> = self.pending.iter().map(|pending| pending.record.clone()).collect();
        let batch = write::<N>(&self.context, &records).await?;
        self.summary.add(&batch);
        for (pending, outcome) in self.pending.drain(..).zip(batch.outcomes) {
            if let Outcome::Refused(reason) = outcome {
                let raw = text(&pending.raw);
                self.rejected.push(Reject { line: pending.line, field: None, reason, raw });
            }
        }
        self.rejected.sort_by_key(|reject| reject.line);
        self.rejects.write(&self.rejected)?;
        self.summary.rejected += self.rejected.len() as u64;
        self.rejected.clear();
        self.bar.set_position(self.rows.offset());
        Ok(())
    }
}

/// One transaction, tried again when it was not done for a reason that passes: recording the same again changes nothing.
async fn write<N: Noun>(context: &Context, records: &[N::Record]) -> Result<Batch> {
    let mut attempt = 1;
    loop {
        match N::write(context, records).await {
            Err(error) if error.is_passing() && attempt < ATTEMPTS => attempt += 1,
            outcome => return outcome,
        }
    }
}

fn layout<N: Noun>(settings: &Settings, rows: &mut Rows<File>) -> Result<Layout> {
    let resolve = |naming: Naming<'_>| Layout::resolve(N::FIELDS, &settings.map, naming);
    match settings.format {
        Format::Ndjson => resolve(Naming::Keys),
        Format::Delimited(_) if !settings.has_header => resolve(Naming::Positions),
        Format::Delimited(_) => match rows.next_row().map_err(|error| broken(&error))? {
            Some(Row { cells: Ok(Cells::Columns(columns)), .. }) => {
                let header: Vec<String> = columns.iter().map(|column| column.trim().to_owned()).collect();
                resolve(Naming::Header(&header)).map_err(|error| match delimiter_meant(&header) {
                    Some(advice) => Error::invalid("file", advice),
                    None => error,
                })
            }
            Some(Row { cells: Err(reason), .. }) => {
                Err(Error::invalid("file", format!("the header: {reason}")))
            }
            _ => Err(Error::invalid(
                "file",
                "the file is empty; it should begin with a header, or say --no-header",
            )),
        },
    }
}

/// What to say of a header that is one column because another delimiter stands between its columns.
fn delimiter_meant(header: &[String]) -> Option<String> {
    let [only] = header else { return None };
    if only.starts_with('{') {
        return Some("the file holds JSON, not columns; say --format ndjson".to_owned());
    }
    let (sign, flag) = [(';', "';'"), ('\t', "tab"), ('|', "'|'"), (',', "','")]
        .into_iter()
        .find(|(sign, _)| only.contains(*sign))?;
    let shown = if sign == '\t' { "a tab".to_owned() } else { format!("`{sign}`") };
    Some(format!(
        "the header is one column, `{only}`; {shown} seems to stand between columns: say --delimiter {flag}"
    ))
}

fn text(raw: &[u8]) -> String {
    String::from_utf8_lossy(raw).into_owned()
}

fn broken(error: &std::io::Error) -> Error {
    Error::invalid("file", format!("the file cannot be read any further: {error}; what came before is in"))
}
