//! The reject file: one JSON object for each row that did not go in, with its line, what was wrong, and its
//! text as it stood. Made with the first such row.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use serde::Serialize;

use crate::kernel::error::{Error, Result};

/// A row that did not go in.
#[derive(Debug, Serialize)]
pub struct Reject {
    pub line: u64,
    /// Absent when the row as a whole was wrong.
    pub field: Option<&'static str>,
    pub reason: String,
    pub raw: String,
}

/// The reject file of a run.
pub struct RejectFile {
    path: PathBuf,
    file: Option<BufWriter<File>>,
}

impl RejectFile {
    /// A file of this name that an earlier run left is removed.
    pub fn new(path: PathBuf) -> Result<Self> {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(&path, &error)),
            _ => Ok(Self { path, file: None }),
        }
    }

    /// Writes rejects and hands them to the operating system.
    pub fn write(&mut self, rejects: &[Reject]) -> Result<()> {
        if rejects.is_empty() {
            return Ok(());
        }
        self.append(rejects).map_err(|error| failed(&self.path, &error))
    }

    fn append(&mut self, rejects: &[Reject]) -> std::io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(BufWriter::new(File::create(&self.path)?)),
        };
        for reject in rejects {
            serde_json::to_writer(&mut *file, reject)?;
            file.write_all(b"\n")?;
        }
        file.flush()
    }
}

fn failed(path: &std::path::Path, error: &std::io::Error) -> Error {
    Error::invalid("rejects", format!("the reject file {} cannot be written: {error}", path.display()))
}
