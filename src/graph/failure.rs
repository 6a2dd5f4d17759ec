//! The one conversion of errors for clients: a message safe for strangers, `extensions.code`, perhaps the
//! field. An internal failure shows only an id under which the log has the rest.

use async_graphql::{ErrorExtensionValues, Pos, ServerError};

use crate::graph::types::Reader;
use crate::kernel::error::Error;

/// The error as a client may see it; an internal one is logged under the id that is shown.
pub fn to_server_error<Rd: Reader>(error: &Error, position: Pos, reader: &Rd) -> ServerError {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", error.code());
    let message = match error {
        Error::Internal(cause) => {
            let error_id = reader.error_id();
            tracing::error!(error_id, %cause, "an internal failure");
            extensions.set("errorId", error_id);
            "Something went wrong on our side; give the errorId to whoever runs this service.".to_owned()
        }
        Error::Invalid { field, message } => {
            if !field.is_empty() {
                extensions.set("field", field.as_str());
            }
            message.clone()
        }
        other => other.to_string(),
    };
    let mut server_error = ServerError::new(message, Some(position));
    server_error.extensions = Some(extensions);
    server_error
}
