//! What behaviors must look like: a JSON Schema of their properties, by name.

use std::collections::HashMap;

use entities::behavior_definition;
use entities::ids::BehaviorDefinitionId;
use entities::timestamp::Timestamp;
use jsonschema::Validator;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::Value;

use crate::db::Db;
use crate::db::catalogue::{self, Catalogue, Definitions};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::Ids;

/// The longest text of a schema.
const MAX_SCHEMA: usize = 64 * 1024;
/// The longest name of a behavior, in bytes.
pub const MAX_NAME: usize = 255;
/// How many faults a reason tells of.
const MAX_FAULTS: usize = 3;

/// All definitions, compiled.
#[derive(Debug, Default)]
pub struct BehaviorDefinitions(HashMap<String, Validator>);

/// The catalogue of one process.
pub type BehaviorCatalogue = Catalogue<BehaviorDefinitions>;

/// What is done with behaviors whose name has no definition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub enum UnknownNames {
    #[default]
    Accept,
    Refuse,
}

impl TryFrom<String> for UnknownNames {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "accept" => Ok(Self::Accept),
            "refuse" => Ok(Self::Refuse),
            _ => Err(format!("`{text}` is neither `accept` nor `refuse`")),
        }
    }
}

/// Why a behavior is not recorded as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its name has no definition, and only defined ones are taken.
    UnknownName,
    /// Its properties do not look as they must, for people to read.
    WrongProperties(String),
}

impl BehaviorDefinitions {
    /// Holds a behavior against the definition of its name.
    pub fn check(&self, unknown: UnknownNames, name: &str, properties: &Value) -> Result<(), Fault> {
        let Some(schema) = self.0.get(name) else {
            return match unknown {
                UnknownNames::Accept => Ok(()),
                UnknownNames::Refuse => Err(Fault::UnknownName),
            };
        };
        if schema.is_valid(properties) {
            return Ok(());
        }
        let faults: Vec<String> =
            schema.iter_errors(properties).take(MAX_FAULTS).map(|fault| words(&fault)).collect();
        Err(Fault::WrongProperties(faults.join("; ")))
    }
}

fn words(fault: &jsonschema::ValidationError<'_>) -> String {
    match fault.instance_path().as_str() {
        "" => format!("properties: {fault}"),
        path => format!("properties{}: {fault}", path.replace('/', ".")),
    }
}

impl Definitions for BehaviorDefinitions {
    async fn load(connection: &impl ConnectionTrait) -> Result<Self> {
        let mut schemas = HashMap::new();
        for row in behavior_definition::Entity::find().all(connection).await? {
            match compile(&row.schema) {
                Ok(schema) => drop(schemas.insert(row.name, schema)),
                Err(error) => tracing::error!(name = row.name, %error, "a behavior's definition is left out"),
            }
        }
        Ok(Self(schemas))
    }
}

/// Fetches nothing: a schema may refer to its own parts only.
struct OwnParts;

impl jsonschema::Retrieve for OwnParts {
    fn retrieve(
        &self,
        _: &jsonschema::Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Err("nothing is fetched; put what it refers to under `$defs` and write `#/$defs/…`".into())
    }
}

fn compile(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_retriever(OwnParts)
        .with_pattern_options(jsonschema::PatternOptions::regex())
        .build(schema)
        .map_err(|error| error.to_string())
}

/// What behaviors of one name are to look like.
#[derive(Clone, Debug)]
pub struct NewBehaviorDefinition {
    pub name: String,
    pub description: Option<String>,
    pub schema: Value,
}

/// Defines what behaviors of a name must look like, from now on; those recorded before stay.
pub async fn define(
    db: &Db,
    ids: &Ids,
    catalogue: &BehaviorCatalogue,
    now: Timestamp,
    new: NewBehaviorDefinition,
) -> Result<BehaviorDefinitionId> {
    if new.name.trim().is_empty() || new.name.len() > MAX_NAME {
        return Err(Error::invalid("input.name", format!("a name has 1 to {MAX_NAME} bytes")));
    }
    if new.schema.to_string().len() > MAX_SCHEMA {
        return Err(Error::invalid("input.schema", format!("a schema has {MAX_SCHEMA} bytes at most")));
    }
    compile(&new.schema)
        .map_err(|reason| Error::invalid("input.schema", format!("it is no JSON Schema: {reason}")))?;
    let id = db
        .write(async |transaction| {
            catalogue::change(transaction).await?;
            let known = behavior_definition::Entity::find()
                .filter(behavior_definition::Column::Name.eq(&new.name))
                .one(transaction)
                .await?;
            let (id, created_at) =
                known.as_ref().map_or_else(|| (ids.next(now), now), |row| (row.id, row.created_at));
            let row = behavior_definition::Model {
                id,
                name: new.name,
                description: new.description,
                schema: new.schema,
                created_at,
                updated_at: now,
            };
            let row = row.into_active_model().reset_all();
            if known.is_some() {
                behavior_definition::Entity::update(row).exec(transaction).await?;
            } else {
                behavior_definition::Entity::insert(row).exec_without_returning(transaction).await?;
            }
            Ok(id)
        })
        .await?;
    catalogue.refresh(db).await?;
    Ok(id)
}
