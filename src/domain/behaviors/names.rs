//! Which names behaviors have, so that a slip in one is noticed when something is defined over it.

use std::fmt::{Display, Formatter};

use entities::{behavior, behavior_definition};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement};

use crate::db::Db;
use crate::kernel::error::Result;
use crate::rules::nearest;

/// From name to name along the index: the number of behaviors of a name does not matter.
const RECORDED: &str = r#"WITH RECURSIVE "names"("name") AS (
    SELECT MIN("name") FROM "behaviors"
    UNION ALL
    SELECT (SELECT MIN("name") FROM "behaviors" WHERE "behaviors"."name" > "names"."name")
    FROM "names" WHERE "names"."name" IS NOT NULL
) SELECT "name" FROM "names" WHERE "name" IS NOT NULL LIMIT 1000"#;

/// A name that no behavior has been recorded with and that nobody has defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    pub name: String,
    /// The known name most like it.
    pub nearest: Option<String>,
}

impl Display for UnknownName {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "no behavior `{}` has been recorded or defined so far", self.name)?;
        self.nearest.as_ref().map_or(Ok(()), |near| write!(f, "; did you mean `{near}`?"))
    }
}

/// What is unknown of a name, if it is.
pub async fn unknown(db: &Db, name: &str) -> Result<Option<UnknownName>> {
    let connection = db.connection();
    let recorded = behavior::Entity::find().filter(behavior::Column::Name.eq(name)).limit(1);
    if recorded.one(connection).await?.is_some() || is_defined(connection, name).await? {
        return Ok(None);
    }
    let nearest = nearest(name, known(connection).await?);
    Ok(Some(UnknownName { name: name.to_owned(), nearest }))
}

async fn is_defined(connection: &impl ConnectionTrait, name: &str) -> Result<bool> {
    let defined = behavior_definition::Entity::find().filter(behavior_definition::Column::Name.eq(name));
    Ok(defined.one(connection).await?.is_some())
}

async fn known(connection: &impl ConnectionTrait) -> Result<Vec<String>> {
    let recorded = Statement::from_string(connection.get_database_backend(), RECORDED);
    let mut names = Vec::new();
    for row in connection.query_all_raw(recorded).await? {
        names.push(row.try_get_by_index::<String>(0)?);
    }
    let defined = behavior_definition::Entity::find()
        .select_only()
        .column(behavior_definition::Column::Name)
        .into_tuple::<String>()
        .all(connection)
        .await?;
    names.extend(defined);
    Ok(names)
}
