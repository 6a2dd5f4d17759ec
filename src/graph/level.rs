//! A level: the rows of one type at one path, with everything their fields need loaded, ready to write.

use futures_util::future::{BoxFuture, join_all};

use crate::graph::children::{Failed, Loaded};
use crate::graph::members::MemberLevel;
use crate::graph::output::{Bubble, Output, Step};
use crate::graph::run::Run;
use crate::graph::selection::{Denied, EntryValue, ObjectPlan, Selection, SelectionForm};
use crate::graph::types::{GraphType, Reader};
use crate::kernel::error::Error;

/// What was loaded for the rows of a level; it borrows the plan and owns the children's rows.
pub struct Level<'p, T: GraphType>(LevelForm<'p, T>);

enum LevelForm<'p, T: GraphType> {
    Object(ObjectLevel<'p, T>),
    Abstract(Vec<Box<dyn MemberLevel<T::Row> + 'p>>),
}

pub(super) struct ObjectLevel<'p, T: GraphType> {
    plan: &'p ObjectPlan<T>,
    children: Vec<Box<dyn Loaded<T::Row> + 'p>>,
}

impl<T: GraphType> Selection<T> {
    /// Loads all that the plan needs for `rows`: the links of the level at the same time, then theirs.
    pub fn run<'p: 'r, 'r>(
        &'p self,
        rows: &'r [&'r T::Row],
        run: &'r Run<'r, T::Reader>,
    ) -> BoxFuture<'r, Level<'p, T>> {
        Box::pin(async move {
            Level(match &self.0 {
                SelectionForm::Object(plan) => LevelForm::Object(plan.run(rows, run).await),
                SelectionForm::Abstract(members) => {
                    LevelForm::Abstract(join_all(members.iter().map(|member| member.run(rows, run))).await)
                }
            })
        })
    }
}

impl<T: GraphType> ObjectPlan<T> {
    pub(super) async fn run<'p, 'r>(
        &'p self,
        rows: &'r [&'r T::Row],
        run: &'r Run<'r, T::Reader>,
    ) -> ObjectLevel<'p, T>
    where
        'p: 'r,
    {
        let load = |index: usize| -> BoxFuture<'r, Box<dyn Loaded<T::Row> + 'p>> {
            let child = &self.children[index];
            match child.denied {
                Some(denied) if !run.reader.holds(denied.scope) => {
                    Box::pin(async move { Box::new(Failed(denied.error())) as Box<dyn Loaded<T::Row>> })
                }
                _ => child.plan.run(rows, run),
            }
        };
        let children = match self.children.len() {
            0 => Vec::new(),
            1 => vec![load(0).await],
            count => join_all((0..count).map(load)).await,
        };
        ObjectLevel { plan: self, children }
    }
}

impl Denied {
    fn error(self) -> Error {
        Error::Forbidden(format!("`{}` needs the scope `{}`", self.field, self.scope.name()))
    }
}

impl<T: GraphType> Level<'_, T> {
    /// Writes row `index` of the level.
    pub fn write(&self, row: &T::Row, index: usize, out: &mut Output<'_>) -> Result<(), Bubble> {
        match &self.0 {
            LevelForm::Object(level) => level.write(row, index, out),
            LevelForm::Abstract(members) => members
                .iter()
                .find_map(|member| member.write(row, index, out))
                .unwrap_or_else(|| Err(out.fail(&Error::internal("a row of no member of its type")))),
        }
    }
}

impl<T: GraphType> ObjectLevel<'_, T> {
    pub(super) fn write(&self, row: &T::Row, index: usize, out: &mut Output<'_>) -> Result<(), Bubble> {
        out.byte(b'{');
        for entry in &self.plan.entries {
            out.bytes(&entry.label);
            let (mark, errors) = (out.mark(), out.errors());
            let written = match &entry.value {
                EntryValue::Constant(json) => {
                    out.bytes(json);
                    continue;
                }
                EntryValue::Leaf { denied: Some(denied), .. } if !out.holds(denied.scope) => {
                    Err(out.fail(&denied.error()))
                }
                EntryValue::Leaf { write, .. } => write(row, out),
                EntryValue::Child(child) => self.children[*child].write(row, index, out),
            };
            if out.errors() > errors {
                out.locate(errors, || Step::Key(entry.key.clone()), Some(entry.position));
            }
            if written.is_err() {
                if !entry.nullable {
                    return Err(Bubble);
                }
                out.null_from(mark);
            }
        }
        out.byte(b'}');
        Ok(())
    }
}
