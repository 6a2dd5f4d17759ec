//! What is kept between the requests of one operation, its plans, and what one request brings along.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::graph::gather::Gather;
use crate::graph::request::MAX_RESPONSE_ERRORS;
use crate::graph::run::Trace;
use crate::graph::selection::Selection;
use crate::graph::shape::Shape;
use crate::graph::types::Reader;

/// The plans of one operation, by place in the response and type. Shared by all requests for the operation.
#[derive(Default)]
pub struct Plans(RwLock<HashMap<(String, TypeId), Arc<dyn Any + Send + Sync>>>);

impl Plans {
    pub(super) fn get_or_compile<S: Shape>(
        &self,
        place: String,
        compile: impl FnOnce() -> Selection<S::Type>,
    ) -> Arc<Selection<S::Type>> {
        let key = (place, TypeId::of::<Selection<S::Type>>());
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(plan) = known.and_then(|plan| plan.downcast().ok()) {
            return plan;
        }
        let plan = Arc::new(compile());
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&plan) as _);
        plan
    }
}

/// What the engine puts into the request's data for the subtrees.
pub struct RequestState<Rd> {
    pub reader: Arc<Rd>,
    pub gather: Gather<Rd>,
    pub plans: Arc<Plans>,
    pub trace: Option<Trace>,
    /// The most errors one subtree reports: a link that fails has one for every parent.
    pub max_errors: usize,
    left_out: AtomicUsize,
    /// A subtree lacks something that may be there in a moment.
    lacks: AtomicBool,
    /// At most one root field of the operation loads by key.
    alone: AtomicBool,
}

impl<Rd: Reader> RequestState<Rd> {
    pub fn new(reader: Arc<Rd>, gather: Gather<Rd>, plans: Arc<Plans>, explain: bool) -> Self {
        Self {
            reader,
            gather,
            plans,
            trace: explain.then(Trace::default),
            max_errors: MAX_RESPONSE_ERRORS,
            left_out: AtomicUsize::new(0),
            lacks: AtomicBool::new(false),
            alone: AtomicBool::new(false),
        }
    }

    /// Says how many root fields load by key.
    pub(super) fn gathers(&self, roots: usize) {
        self.alone.store(roots <= 1, Ordering::Relaxed);
    }

    pub(super) fn is_alone(&self) -> bool {
        self.alone.load(Ordering::Relaxed)
    }

    /// Counts errors that a subtree does not report.
    pub(super) fn leave_out(&self, errors: usize) {
        self.left_out.fetch_add(errors, Ordering::Relaxed);
    }

    /// Notes that a subtree lacks something that may be there in a moment.
    pub(super) fn lack(&self) {
        self.lacks.store(true, Ordering::Relaxed);
    }

    /// Whether one does.
    pub(super) fn lacks(&self) -> bool {
        self.lacks.load(Ordering::Relaxed)
    }

    /// How many errors the subtrees did not report.
    pub(super) fn left_out(&self) -> usize {
        self.left_out.load(Ordering::Relaxed)
    }
}
