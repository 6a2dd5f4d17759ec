//! The parameters of a GraphQL request, from a JSON body or a query string, each of its type or refused.

use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::graph::request::Operation;
use crate::http::errors::HttpError;
use crate::http::state::RequestLimits;

/// Reads the body of a POST.
pub(super) fn from_body(body: &[u8], limits: &RequestLimits) -> Result<Operation, HttpError> {
    let text = std::str::from_utf8(body).map_err(|_| HttpError::malformed("The body is not valid UTF-8."))?;
    if text.trim().is_empty() {
        return Err(HttpError::malformed(
            "The body is empty; send JSON such as {\"query\": \"{ __typename }\"}.",
        ));
    }
    let mut object = match json(text, "The body", limits)? {
        Value::Object(object) => object,
        Value::Array(_) => {
            return Err(HttpError::malformed(
                "Batches of operations are not served. Send each operation in a request of its own, or combine \
                 them into one operation.",
            ));
        }
        _ => return Err(HttpError::malformed("The body must be a JSON object with the key `query`.")),
    };
    let extensions = map(object.remove("extensions"), "extensions")?;
    let Some(query) = string(object.remove("query"), "query")? else { return Err(no_query(&extensions)) };
    Ok(Operation {
        query,
        operation_name: string(object.remove("operationName"), "operationName")?,
        variables: map(object.remove("variables"), "variables")?,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Parameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// Reads the query string of a GET.
pub(super) fn from_uri(uri: &Uri, limits: &RequestLimits) -> Result<Operation, HttpError> {
    let Query(parameters) = Query::<Parameters>::try_from_uri(uri).map_err(|_| {
        HttpError::malformed(
            "The query string cannot be read. Give `query`, `operationName`, `variables` and `extensions` at most \
             once each, URL-encoded.",
        )
    })?;
    let object = |text: Option<String>, name: &'static str| {
        let text = text.filter(|text| !text.is_empty());
        map(text.map(|text| json(&text, name, limits)).transpose()?, name)
    };
    let extensions = object(parameters.extensions, "extensions")?;
    let Some(query) = parameters.query else { return Err(no_query(&extensions)) };
    Ok(Operation {
        query,
        operation_name: parameters.operation_name.filter(|name| !name.is_empty()),
        variables: object(parameters.variables, "variables")?,
    })
}

fn no_query(extensions: &Map<String, Value>) -> HttpError {
    if extensions.contains_key("persistedQuery") {
        // The message is what clients of automatic persisted queries look for: they send the text then.
        let status = axum::http::StatusCode::BAD_REQUEST;
        return HttpError::new(status, "PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported");
    }
    HttpError::malformed("The parameter `query` is missing; it holds the text of the operation.")
}

fn string(value: Option<Value>, name: &'static str) -> Result<Option<String>, HttpError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(HttpError::malformed(format!("The parameter `{name}` must be a string."))),
    }
}

fn map(value: Option<Value>, name: &'static str) -> Result<Map<String, Value>, HttpError> {
    match value {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(HttpError::malformed(format!("The parameter `{name}` must be a JSON object."))),
    }
}

/// Reads JSON and holds it to the limits. The reader itself stops at a depth its stack can hold.
fn json(text: &str, what: &str, limits: &RequestLimits) -> Result<Value, HttpError> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        HttpError::malformed(match error.classify() {
            serde_json::error::Category::Eof => format!("{what} is JSON without its end."),
            _ if error.to_string().starts_with("recursion limit") => too_deep(what, limits),
            _ => format!("{what} is not valid JSON; see line {line}, column {column}."),
        })
    })?;
    let mut values = 0;
    bounded(&value, 0, &mut values, what, limits)?;
    Ok(value)
}

fn bounded(
    value: &Value,
    depth: usize,
    values: &mut usize,
    what: &str,
    limits: &RequestLimits,
) -> Result<(), HttpError> {
    *values += 1;
    if *values > limits.json_values {
        return Err(HttpError::malformed(format!(
            "{what} holds more than {} values; send less at a time.",
            limits.json_values
        )));
    }
    if depth > limits.json_depth {
        return Err(HttpError::malformed(too_deep(what, limits)));
    }
    match value {
        Value::String(text) => without_nul(text, what),
        Value::Array(items) => {
            items.iter().try_for_each(|item| bounded(item, depth + 1, values, what, limits))
        }
        Value::Object(fields) => fields.iter().try_for_each(|(key, item)| {
            without_nul(key, what)?;
            bounded(item, depth + 1, values, what, limits)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// No database we write to can hold NUL in text, so it must not pass one and fail in the other.
fn without_nul(text: &str, what: &str) -> Result<(), HttpError> {
    if text.contains('\0') {
        return Err(HttpError::malformed(format!(
            "{what} holds a string with the character NUL; leave it out."
        )));
    }
    Ok(())
}

fn too_deep(what: &str, limits: &RequestLimits) -> String {
    format!("{what} is nested more than {} deep; flatten it.", limits.json_depth)
}
