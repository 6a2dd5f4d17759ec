//! The library's validation, which is run once for each document and not at every execution.

use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation};
use async_graphql::{CacheControl, ServerError, ValidationResult};

/// The message with which a document's first run stops after passing validation.
pub(super) const PASSED: &str = "the document is valid";

/// Whether this run of a document is to validate it or to execute it: each document is validated once.
pub(super) enum Validated {
    Now,
    Already,
}

pub(super) struct ValidateOnce;

impl ExtensionFactory for ValidateOnce {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(ValidateOnce)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for ValidateOnce {
    async fn validation(
        &self,
        context: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        match context.data_opt::<Validated>() {
            Some(Validated::Already) => {
                Ok(ValidationResult { cache_control: CacheControl::default(), complexity: 0, depth: 0 })
            }
            _ => {
                next.run(context).await?;
                Err(vec![ServerError::new(PASSED, None)])
            }
        }
    }
}
