//! What a rule may speak of: root names, and what may follow them. Made at run time, since the keys of
//! attributes are data.

use std::collections::{BTreeMap, BTreeSet};

use super::kinds::Kind;
use super::path::Path;

/// What may follow a root name.
#[derive(Debug, Clone)]
enum Root {
    /// Any path: `traits.address.city`.
    Open,
    /// One of these keys, whose kind may be known: `attributes.visits_90d`.
    Keys(BTreeMap<String, Option<Kind>>),
    /// Nothing: `now`.
    Value(Option<Kind>),
    /// Nothing; it is a list, and these are all that may ever be in it: `segments`.
    Members(BTreeSet<String>),
}

/// The names that a rule may use.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary(BTreeMap<String, Root>);

impl Vocabulary {
    pub fn new() -> Self {
        Self::default()
    }

    /// A root with any path below it.
    #[must_use]
    pub fn open(self, root: &str) -> Self {
        self.root(root, Root::Open)
    }

    /// A root with these keys below it, and no other, of whose values nothing is known.
    #[must_use]
    pub fn keys<K: Into<String>>(self, root: &str, keys: impl IntoIterator<Item = K>) -> Self {
        self.keys_of(root, keys.into_iter().map(|key| (key, None)))
    }

    /// The same for keys whose values are of a kind, where it is known.
    #[must_use]
    pub fn keys_of<K: Into<String>>(
        self,
        root: &str,
        keys: impl IntoIterator<Item = (K, Option<Kind>)>,
    ) -> Self {
        self.root(root, Root::Keys(keys.into_iter().map(|(key, kind)| (key.into(), kind)).collect()))
    }

    /// A root that is a value itself.
    #[must_use]
    pub fn value(self, root: &str) -> Self {
        self.root(root, Root::Value(None))
    }

    /// The same for a value of a kind.
    #[must_use]
    pub fn value_of(self, root: &str, kind: Kind) -> Self {
        self.root(root, Root::Value(Some(kind)))
    }

    /// A root that is a list of some of these.
    #[must_use]
    pub fn members<K: Into<String>>(self, root: &str, members: impl IntoIterator<Item = K>) -> Self {
        self.root(root, Root::Members(members.into_iter().map(Into::into).collect()))
    }

    fn root(mut self, name: &str, root: Root) -> Self {
        self.0.insert(name.to_owned(), root);
        self
    }

    pub(super) fn knows(&self, root: &str) -> bool {
        self.0.contains_key(root)
    }

    /// Of what kind the value at a path is, if that is known; it may be null whatever it is.
    pub(super) fn kind(&self, path: &Path) -> Option<Kind> {
        match (self.0.get(&path.root)?, path.keys.as_slice()) {
            (Root::Value(kind), []) => *kind,
            (Root::Keys(keys), [key]) => *keys.get(key)?,
            _ => None,
        }
    }

    /// Whether a path may be read; if not, what to say, and whether it is about the root or the first key.
    pub(super) fn check(&self, root: &str, keys: &[String]) -> Result<(), String> {
        match (self.0.get(root), keys) {
            (None, _) => Err(self.unknown_root(root)),
            (Some(Root::Value(_) | Root::Members(_)), []) | (Some(Root::Open), [_, ..]) => Ok(()),
            (Some(Root::Members(_)), [_, ..]) => Err(format!("`{root}` is a list; ask `\"…\" in {root}`")),
            (Some(Root::Value(_)), [key, ..]) => Err(format!("`{root}` is a value; it has no `{key}`")),
            (Some(Root::Open), []) => Err(format!("say what of `{root}`, such as `{root}.name`")),
            (Some(Root::Keys(known)), []) => Err(format!("say which of `{root}`: {}", listed(known, root))),
            (Some(Root::Keys(known)), [key, ..]) if known.contains_key(key) => Ok(()),
            (Some(Root::Keys(known)), [key, ..]) => Err(match nearest(key, known.keys()) {
                Some(near) => format!("there is no `{root}.{key}`; did you mean `{root}.{near}`?"),
                None => format!("there is no `{root}.{key}`; there is {}", listed(known, root)),
            }),
        }
    }

    /// Whether a text can be in a list; if not, what to say. Of other roots than such lists nothing is known.
    pub(super) fn check_member(&self, root: &str, text: &str) -> Result<(), String> {
        let Some(Root::Members(known)) = self.0.get(root) else { return Ok(()) };
        if known.contains(text) {
            return Ok(());
        }
        Err(match nearest(text, known) {
            Some(near) => format!("there is no \"{text}\" in `{root}`; did you mean \"{near}\"?"),
            None if known.is_empty() => format!("there is no \"{text}\" in `{root}`; there is none yet"),
            None => {
                let shown: Vec<String> = known.iter().take(8).map(|key| format!("\"{key}\"")).collect();
                format!("there is no \"{text}\" in `{root}`; there may be {}", shown.join(", "))
            }
        })
    }

    fn unknown_root(&self, name: &str) -> String {
        if let Some(near) = nearest(name, self.0.keys()) {
            return format!("there is no `{name}`; did you mean `{near}`?");
        }
        // A key whose root was forgotten is the likeliest slip of all.
        let owner =
            self.0.iter().find(|(_, root)| matches!(root, Root::Keys(keys) if keys.contains_key(name)));
        if let Some((owner, _)) = owner {
            return format!("there is no `{name}`; did you mean `{owner}.{name}`?");
        }
        let roots: Vec<String> = self.0.keys().map(|root| format!("`{root}`")).collect();
        format!("there is no `{name}`; a rule may speak of {}", roots.join(", "))
    }
}

/// The known name most like a name, if any is like it.
pub fn nearest<N: AsRef<str>>(name: &str, known: impl IntoIterator<Item = N>) -> Option<String> {
    let scored = known.into_iter().map(|known| (strsim::jaro_winkler(name, known.as_ref()), known));
    let (score, best) = scored.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    (score >= 0.82).then(|| best.as_ref().to_owned())
}

/// The first few keys of a root, for a message.
fn listed(keys: &BTreeMap<String, Option<Kind>>, root: &str) -> String {
    const SHOWN: usize = 8;
    if keys.is_empty() {
        return "none yet".into();
    }
    let shown: Vec<String> = keys.keys().take(SHOWN).map(|key| format!("`{root}.{key}`")).collect();
    let more = keys.len().saturating_sub(SHOWN);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}
