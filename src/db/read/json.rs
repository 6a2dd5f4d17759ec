//! A JSON column as it stands in the database: text that is passed on, never parsed.

/// The text of a JSON column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Json(String);

impl Json {
    /// Takes text that is known to be JSON, because the database or a serialiser made it.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The JSON; `null` when the column was not read.
    pub fn as_str(&self) -> &str {
        if self.0.is_empty() { "null" } else { &self.0 }
    }

    /// Parses it, for rules that look inside.
    pub fn parse<T: serde::de::DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(self.as_str())
    }
}
