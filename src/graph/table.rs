//! The table of fields of a graph type: the one place where a field's name, description, type, arguments,
//! scope, cost and source stand together.

use std::any::{Any, TypeId, type_name};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use async_graphql::registry::{MetaInputValue, Registry};
use indexmap::IndexMap;

use crate::graph::arguments::Arguments;
use crate::graph::batch::{Batch, Key};
use crate::graph::children::{self, ChildPlan};
use crate::graph::leaf::Leaf;
use crate::graph::members::{Member, Picked};
use crate::graph::output::{Bubble, Output};
use crate::graph::registration;
use crate::graph::selection::{Compiler, Merged};
use crate::graph::shape::Shape;
use crate::graph::types::GraphType;
use crate::kernel::columns::Columns;
use crate::kernel::viewer::Scope;

/// Writes a leaf of a row.
pub(super) type LeafWriter<R> = Arc<dyn Fn(&R, &mut Output<'_>) -> Result<(), Bubble> + Send + Sync>;

/// A compiled child field, and the columns of the parent row that its children read through it.
pub(super) struct Compiled<T: GraphType> {
    pub plan: Box<dyn ChildPlan<T::Row, T::Reader>>,
    pub columns: Columns,
}

/// Compiles a field that has a selection or arguments of its own.
pub(super) type ChildCompiler<T> = Box<dyn Fn(&Merged<'_>, &mut Compiler<'_>) -> Compiled<T> + Send + Sync>;

pub(super) enum Source<T: GraphType> {
    Leaf(LeafWriter<T::Row>),
    Child(ChildCompiler<T>),
    /// A field of an interface: it stands in the schema, its members resolve it.
    Declared,
}

/// One field; the builder's methods refine it.
pub struct Field<T: GraphType> {
    pub(super) description: Cow<'static, str>,
    pub(super) deprecation: Option<&'static str>,
    pub(super) scope: Option<Scope>,
    pub(super) cost: Option<u32>,
    pub(super) reads: Columns,
    pub(super) type_name: String,
    pub(super) register: fn(&mut Registry) -> IndexMap<String, MetaInputValue>,
    pub(super) source: Source<T>,
}

impl<T: GraphType> Field<T> {
    /// The viewer must hold `scope`; else the field is null (or bubbles) with the error FORBIDDEN.
    pub fn needs(&mut self, scope: Scope) -> &mut Self {
        self.scope = Some(scope);
        self
    }

    /// What the field costs beside its children, when that is not 1 for a field with a selection and 0 for
    /// a leaf.
    pub fn cost(&mut self, cost: u32) -> &mut Self {
        self.cost = Some(cost);
        self
    }

    pub fn deprecated(&mut self, reason: &'static str) -> &mut Self {
        self.deprecation = Some(reason);
        self
    }

    /// The field also reads these columns, which have no name in the row type's own list.
    pub fn also_reads(&mut self, columns: Columns) -> &mut Self {
        self.reads |= columns;
        self
    }

    pub(super) fn nullable(&self) -> bool {
        !self.type_name.ends_with('!')
    }
}

/// The fields of a type, and the members of an interface or union.
pub struct FieldTable<T: GraphType> {
    pub(super) fields: IndexMap<&'static str, Field<T>>,
    pub(super) members: Vec<Box<dyn Member<T>>>,
}

/// The table of a type, filled once a process.
pub(super) fn table_of<T: GraphType>() -> &'static FieldTable<T> {
    type Tables = HashMap<TypeId, &'static (dyn Any + Send + Sync)>;
    static TABLES: LazyLock<RwLock<Tables>> = LazyLock::new(RwLock::default);

    let find = |tables: &Tables| tables.get(&TypeId::of::<T>()).and_then(|table| table.downcast_ref());
    if let Some(table) = find(&TABLES.read().unwrap_or_else(PoisonError::into_inner)) {
        return table;
    }
    let mut table = FieldTable { fields: IndexMap::new(), members: Vec::new() };
    T::fields(&mut table);
    let table: &'static FieldTable<T> = Box::leak(Box::new(table));
    TABLES.write().unwrap_or_else(PoisonError::into_inner).insert(TypeId::of::<T>(), table);
    table
}

impl<T: GraphType> FieldTable<T> {
    fn add(
        &mut self,
        name: &'static str,
        description: impl Into<Cow<'static, str>>,
        reads: &[&str],
        type_name: String,
        register: fn(&mut Registry) -> IndexMap<String, MetaInputValue>,
        source: Source<T>,
    ) -> &mut Field<T> {
        let field = Field {
            description: description.into(),
            deprecation: None,
            scope: None,
            cost: None,
            reads: columns_named::<T>(reads),
            type_name,
            register,
            source,
        };
        assert!(!self.fields.contains_key(name), "{}.{name} is declared twice", T::name());
        self.fields.entry(name).or_insert(field)
    }

    /// A leaf that is a field of the row. `reads` names the columns it needs.
    pub fn leaf<L: Leaf + 'static>(
        &mut self,
        name: &'static str,
        description: impl Into<Cow<'static, str>>,
        reads: &[&str],
        get: impl Fn(&T::Row) -> &L + Send + Sync + 'static,
    ) -> &mut Field<T> {
        let write: LeafWriter<T::Row> = Arc::new(move |row, out| get(row).complete(out));
        self.add(name, description, reads, L::type_name(), registration::leaf::<L>, Source::Leaf(write))
    }

    /// A leaf computed from the row.
    pub fn calc<L: Leaf + 'static>(
        &mut self,
        name: &'static str,
        description: impl Into<Cow<'static, str>>,
        reads: &[&str],
        get: impl Fn(&T::Row) -> L + Send + Sync + 'static,
    ) -> &mut Field<T> {
        let write: LeafWriter<T::Row> = Arc::new(move |row, out| get(row).complete(out));
        self.add(name, description, reads, L::type_name(), registration::leaf::<L>, Source::Leaf(write))
    }

    /// A leaf computed from the row and arguments.
    pub fn calc_with<A: Arguments, L: Leaf + 'static>(
        &mut self,
        name: &'static str,
        description: impl Into<Cow<'static, str>>,
        reads: &[&str],
        get: impl Fn(&T::Row, &A) -> L + Send + Sync + 'static,
    ) -> &mut Field<T> {
        let get = Arc::new(get);
        let source = Source::Child(Box::new(move |merged, _| Compiled {
            plan: children::computed(Arc::clone(&get), merged),
            columns: Columns::NONE,
        }));
        self.add(name, description, reads, L::type_name(), registration::leaf_with_arguments::<A, L>, source)
    }

    /// An object (or a list of them) made from the row without loading anything.
    pub fn embed<S: Shape<Type: GraphType<Reader = T::Reader>>>(
        &mut self,
        name: &'static str,
        description: impl Into<Cow<'static, str>>,
        reads: &[&str],
        get: impl Fn(&T::Row) -> S::Value + Send + Sync + 'static,
    ) -> &mut Field<T> {
        let get = Arc::new(get);
        let source = Source::Child(Box::new(move |merged, compiler| Compiled {
            plan: children::embedded::<T, S, _>(Arc::clone(&get), compiler.child(merged)),
            columns: Columns::NONE,
        }));
        self.add(name, description, reads, S::type_name(), registration::child::<S>, source)
    }

    /// An object (or a list of them) that lies within the row and has the same columns: what its fields
    /// read is read of this row.
    pub fn inner<S: Shape<Type: GraphType<Reader = T::Reader>>>(
        &mut self,
        name: &'static str,
        description: impl Into<Cow<'static, str>>,
        get: impl Fn(&T::Row) -> &S::Value + Send + Sync + 'static,
    ) -> &mut Field<T> {
        let get = Arc::new(get);
        let source = Source::Child(Box::new(move |merged, compiler| {
            let selection = compiler.child::<S::Type>(merged);
            let columns = selection.columns();
            Compiled { plan: children::within::<T, S, _>(Arc::clone(&get), selection), columns }
        }));
        self.add(name, description, &[], S::type_name(), registration::child::<S>, source)
    }

    /// Objects loaded by a batch, one key a row. Every key must be answered.
    pub fn link<S, K>(
        &mut self,
        name: &'static str,
        description: impl Into<Cow<'static, str>>,
        reads: &[&str],
        key: impl Fn(&T::Row) -> K + Send + Sync + 'static,
    ) -> &mut Field<T>
    where
        S: Shape<Type: GraphType<Reader = T::Reader>>,
        K: Key,
        T::Reader: Batch<K, Value = S::Value>,
    {
        self.load::<S, K>(name, description, reads, S::type_name(), move |row| Some(key(row)))
    }

    /// Objects loaded by a batch where there may be none: null without a key or without an answer.
    pub fn maybe<S, K>(
        &mut self,
        name: &'static str,
        description: impl Into<Cow<'static, str>>,
        reads: &[&str],
        key: impl Fn(&T::Row) -> Option<K> + Send + Sync + 'static,
    ) -> &mut Field<T>
    where
        S: Shape<Type: GraphType<Reader = T::Reader>>,
        K: Key,
        T::Reader: Batch<K, Value = S::Value>,
    {
        self.load::<S, K>(name, description, reads, S::nullable_name(), key)
    }

    fn load<S, K>(
        &mut self,
        name: &'static str,
        description: impl Into<Cow<'static, str>>,
        reads: &[&str],
        type_name: String,
        key: impl Fn(&T::Row) -> Option<K> + Send + Sync + 'static,
    ) -> &mut Field<T>
    where
        S: Shape<Type: GraphType<Reader = T::Reader>>,
        K: Key,
        T::Reader: Batch<K, Value = S::Value>,
    {
        let key = Arc::new(key);
        let nullable = !type_name.ends_with('!');
        let source = Source::Child(Box::new(move |merged, compiler| Compiled {
            plan: children::linked::<T, S, K, _>(Arc::clone(&key), nullable, merged, compiler),
            columns: Columns::NONE,
        }));
        let register = registration::child_with_arguments::<S, <T::Reader as Batch<K>>::Arguments>;
        self.add(name, description, reads, type_name, register, source)
    }

    /// A field that an interface has: its members bring their own field of that name.
    pub fn declared<L: Leaf + 'static>(
        &mut self,
        name: &'static str,
        description: impl Into<Cow<'static, str>>,
    ) -> &mut Field<T> {
        self.add(name, description, &[], L::type_name(), registration::leaf::<L>, Source::Declared)
    }

    /// A member of this interface or union: `pick` gives its row when the row is of that kind.
    pub fn member<M: GraphType<Reader = T::Reader>>(
        &mut self,
        pick: impl Fn(&T::Row) -> Option<&M::Row> + Send + Sync + 'static,
    ) {
        self.members.push(Box::new(Picked::<M, _>::new(pick)));
    }
}

fn columns_named<T: GraphType>(names: &[&str]) -> Columns {
    names.iter().fold(Columns::NONE, |columns, name| {
        let position = T::columns().iter().position(|column| column == name);
        let position = position.unwrap_or_else(|| panic!("{} has no column `{name}`", type_name::<T>()));
        columns | Columns::at(position)
    })
}
