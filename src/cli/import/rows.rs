//! Reads a file row by row, whatever its format, in bounded memory: each row with its line number, its raw
//! text for the reject file, and its cells.

use std::io::{BufRead, BufReader, Read};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use serde_json::{Map, Value};

use super::map::Delimiter;

/// The longest row that is read. A quote that is never closed would otherwise swallow the rest of the file.
const MAX_ROW: usize = 1 << 20;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Delimited(Delimiter),
    /// One JSON object a line.
    Ndjson,
}

/// What a row holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    Columns(Vec<String>),
    Object(Map<String, Value>),
}

/// One row of the file.
#[derive(Debug)]
pub struct Row {
    /// Where it begins, from 1.
    pub line: u64,
    /// As it stands in the file, without the end of line.
    pub raw: Vec<u8>,
    /// Or why it is no row.
    pub cells: Result<Cells, String>,
}

/// A file being read.
pub struct Rows<R> {
    lines: Lines<R>,
    format: Format,
    parser: Reader,
    /// What the parser has not seen yet of the last line read.
    pending: Vec<u8>,
}

impl<R: Read> Rows<R> {
    pub fn new(input: R, format: Format) -> Self {
        let mut builder = ReaderBuilder::new();
        if let Format::Delimited(Delimiter::Byte(byte)) = format {
            builder.delimiter(byte);
        }
        Self { lines: Lines::new(input), format, parser: builder.build(), pending: Vec::new() }
    }

    /// How many bytes have been read.
    pub fn offset(&self) -> u64 {
        self.lines.offset
    }

    /// The next row that is not blank.
    pub fn next_row(&mut self) -> std::io::Result<Option<Row>> {
        match self.format {
            Format::Delimited(Delimiter::Byte(_)) => self.next_record(),
            Format::Delimited(Delimiter::Blanks) => self.next_line(|text| {
                Ok(Cells::Columns(text.split_ascii_whitespace().map(str::to_owned).collect()))
            }),
            Format::Ndjson => self.next_line(|text| match serde_json::from_str(text) {
                Ok(Value::Object(object)) => Ok(Cells::Object(object)),
                Ok(_) => Err("the line is JSON, but not an object".to_owned()),
                Err(error) => Err(format!("the line is not JSON: {error}")),
            }),
        }
    }

    /// A row that is one line.
    fn next_line(&mut self, cells: fn(&str) -> Result<Cells, String>) -> std::io::Result<Option<Row>> {
        let mut raw = Vec::new();
        loop {
            raw.clear();
            if !self.lines.read(&mut raw)? {
                return Ok(None);
            }
            let line = self.lines.number;
            if raw.len() > MAX_ROW {
                return self.too_long(line, raw).map(Some);
            }
            trim_end(&mut raw);
            if raw.trim_ascii().is_empty() {
                continue;
            }
            let cells = std::str::from_utf8(&raw).map_err(not_utf8).and_then(cells);
            return Ok(Some(Row { line, raw, cells }));
        }
    }

    /// A row in which quotes may hold delimiters and ends of line.
    fn next_record(&mut self) -> std::io::Result<Option<Row>> {
        let (mut raw, mut text, mut ends) = (Vec::new(), vec![0; 1024], vec![0; 32]);
        let (mut line, mut written, mut fields) = (self.lines.number, 0, 0);
        loop {
            if self.pending.is_empty() {
                self.lines.read(&mut self.pending)?;
            }
            if raw.trim_ascii().is_empty() {
                raw.clear();
                line = self.lines.number;
            }
            let (result, read, wrote, ended) =
                self.parser.read_record(&self.pending, &mut text[written..], &mut ends[fields..]);
            raw.extend(self.pending.drain(..read));
            written += wrote;
            fields += ended;
            match result {
                _ if raw.len() > MAX_ROW => return self.too_long(line, raw).map(Some),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => text.resize(text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => ends.resize(ends.len() * 2, 0),
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::Record => {
                    trim_end(&mut raw);
                    let cells = split(&text[..written], &ends[..fields]);
                    return Ok(Some(Row { line, raw, cells }));
                }
            }
        }
    }

    /// Gives up on a row and goes on at the next line.
    fn too_long(&mut self, line: u64, mut raw: Vec<u8>) -> std::io::Result<Row> {
        self.pending.clear();
        self.parser.reset();
        self.lines.skip_rest()?;
        raw.truncate(1000);
        let reason = format!("the row is longer than {MAX_ROW} bytes; perhaps a quote is not closed");
        Ok(Row { line, raw, cells: Err(reason) })
    }
}

fn split(text: &[u8], ends: &[usize]) -> Result<Cells, String> {
    let text = std::str::from_utf8(text).map_err(not_utf8)?;
    let mut start = 0;
    let mut columns = Vec::with_capacity(ends.len());
    for &end in ends {
        // A field may end in the middle of a character only if the text as a whole was no UTF-8.
        columns.push(text.get(start..end).unwrap_or_default().to_owned());
        start = end;
    }
    Ok(Cells::Columns(columns))
}

fn not_utf8(error: std::str::Utf8Error) -> String {
    format!("the row is not UTF-8: {error}")
}

fn trim_end(raw: &mut Vec<u8>) {
    while raw.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        raw.pop();
    }
}

/// Lines of a file, the long ones in pieces.
struct Lines<R> {
    input: BufReader<R>,
    /// Of the line last read from, from 1.
    number: u64,
    offset: u64,
    is_at_start: bool,
}

impl<R: Read> Lines<R> {
    fn new(input: R) -> Self {
        Self { input: BufReader::with_capacity(1 << 16, input), number: 0, offset: 0, is_at_start: true }
    }

    /// Appends a line, or at most one byte more than a row may have of it. `false` at the end of the file.
    fn read(&mut self, into: &mut Vec<u8>) -> std::io::Result<bool> {
        let before = into.len();
        let read = self.input.by_ref().take(MAX_ROW as u64 + 1).read_until(b'\n', into)?;
        if read == 0 {
            return Ok(false);
        }
        if self.is_at_start {
            self.number += 1;
        }
        self.offset += read as u64;
        self.is_at_start = into.ends_with(b"\n");
        if self.offset == read as u64 && into[before..].starts_with(b"\xef\xbb\xbf") {
            into.drain(before..before + 3);
        }
        Ok(true)
    }

    /// Goes to the start of the next line.
    fn skip_rest(&mut self) -> std::io::Result<()> {
        let mut rest = Vec::new();
        while !self.is_at_start && self.read(&mut rest)? {
            rest.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Format = Format::Delimited(Delimiter::Byte(b','));

    fn read(text: &[u8], format: Format) -> Vec<(u64, String, Result<Cells, String>)> {
        let mut rows = Rows::new(text, format);
        std::iter::from_fn(|| rows.next_row().expect("a slice is readable"))
            .map(|row| (row.line, String::from_utf8_lossy(&row.raw).into_owned(), row.cells))
            .collect()
    }

    fn columns(cells: &[&str]) -> Result<Cells, String> {
        Ok(Cells::Columns(cells.iter().map(|&cell| cell.to_owned()).collect()))
    }

    #[test]
    fn quoted_fields_span_lines_and_lines_are_counted() {
        let rows = read(b"\xef\xbb\xbfa,b\r\n\r\n\"x\n,y\",\"1\"\"2\"\r\n5\" nail,z", COMMA);
        assert_eq!(
            rows,
            [
                (1, "a,b".to_owned(), columns(&["a", "b"])),
                (3, "\"x\n,y\",\"1\"\"2\"".to_owned(), columns(&["x\n,y", "1\"2"])),
                (5, "5\" nail,z".to_owned(), columns(&["5\" nail", "z"])),
            ]
        );
    }

    #[test]
    fn runs_of_blanks_are_one_delimiter() {
        let rows =
            read(b" 00004 0001\t19970101  2   29.33\r\n   \r\n x\n", Format::Delimited(Delimiter::Blanks));
        assert_eq!(rows[0].2, columns(&["00004", "0001", "19970101", "2", "29.33"]));
        assert_eq!((rows[1].0, &rows[1].2), (3, &columns(&["x"])));
    }

    #[test]
    fn bad_rows_do_not_stop_the_next() {
        let rows = read(b"{\"a\":1}\nnonsense\n[1]\n\xff\n{\"b\":2}", Format::Ndjson);
        let verdicts: Vec<_> = rows.iter().map(|(line, _, cells)| (*line, cells.is_ok())).collect();
        assert_eq!(verdicts, [(1, true), (2, false), (3, false), (4, false), (5, true)]);
    }

    #[test]
    fn an_open_quote_costs_a_bounded_part_of_the_file() {
        let mut text = b"a,\"b\n".to_vec();
        text.extend(std::iter::repeat_n(b'x', MAX_ROW + 10));
        text.extend(b"\nc,d\n");
        let rows = read(&text, COMMA);
        assert_eq!((rows[0].0, rows[0].2.is_err()), (1, true));
        assert_eq!((rows[1].0, &rows[1].2), (3, &columns(&["c", "d"])));
    }
}
