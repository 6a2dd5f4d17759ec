//! Who asks. Never an `Option`: a request without credentials is an anonymous viewer, who may see the
//! catalogue and nothing of anybody.

use entities::ids::{CustomerId, DeviceId, TouchpointId};
use entities::values::Channel;

/// Rights beyond reading one's own things. A field of the graph may need one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Names, addresses, birth dates, identities, traits.
    Personal,
    /// What customers did.
    Behaviors,
    /// Lists over all customers: customers, behaviors, purchases.
    Lists,
    /// How offers are decided, and offers that are not live.
    Offers,
    /// How a request was executed.
    Explain,
    /// Changing customers: identifying, merging, consents.
    CustomersWrite,
    /// Recording what customers did.
    BehaviorsWrite,
    /// Defining behaviors, attributes and segments.
    DefinitionsWrite,
    /// Writing offers and placements, publishing them, and making codes.
    OffersWrite,
    /// Writing products, their prices and their stock.
    ProductsWrite,
    /// Changing carts of others, checking them out, cancelling, refunding and importing purchases.
    PurchasesWrite,
    /// Exporting and erasing all that is held about a person.
    Privacy,
}

impl Scope {
    /// The scope's name in tokens, settings and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Personal => "personal:read",
            Self::Behaviors => "behaviors:read",
            Self::Lists => "lists:read",
            Self::Offers => "offers:read",
            Self::Explain => "explain",
            Self::CustomersWrite => "customers:write",
            Self::BehaviorsWrite => "behaviors:write",
            Self::DefinitionsWrite => "definitions:write",
            Self::OffersWrite => "offers:write",
            Self::ProductsWrite => "products:write",
            Self::PurchasesWrite => "purchases:write",
            Self::Privacy => "privacy",
        }
    }

    pub const ALL: [Self; 12] = [
        Self::Personal,
        Self::Behaviors,
        Self::Lists,
        Self::Offers,
        Self::Explain,
        Self::CustomersWrite,
        Self::BehaviorsWrite,
        Self::DefinitionsWrite,
        Self::OffersWrite,
        Self::ProductsWrite,
        Self::PurchasesWrite,
        Self::Privacy,
    ];

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// How the tokens of devices begin, so that they are told from those that settings name.
pub const DEVICE_TOKEN_PREFIX: &str = "encdev_";

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u32);

impl Scopes {
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    pub fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u32) != 0
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | 1 << scope as u32))
    }
}

/// Who asks, proven by the request's credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// No credentials: the catalogue only.
    Anonymous,
    /// A customer sees itself, whole.
    Customer(CustomerId),
    /// A customer on one of its devices, which has a token of its own; sees the same.
    Device { device: DeviceId, customer: CustomerId, channel: Channel },
    /// A device of the brand (a till, a kiosk): any customer it can name, without personal fields.
    Touchpoint(TouchpointId),
    /// A person or server of the brand, with the scopes granted to its token.
    Staff { scopes: Scopes, token: TokenId },
}

/// Tells tokens of staff from each other without telling what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenId(u64);

impl TokenId {
    /// From the token's SHA-256.
    pub fn of_hash(hash: &[u8; 32]) -> Self {
        Self(hash.iter().take(8).fold(0, |id, byte| id << 8 | u64::from(*byte)))
    }
}

impl std::fmt::Display for TokenId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Which customers' data a viewer may read. Every statement on customer data starts from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustomerScope {
    Nobody,
    /// One customer's, and that of all who were merged with it.
    Only(CustomerId),
    Everybody,
}

impl Viewer {
    /// Staff with these scopes, whose token is not told from others yet.
    pub fn staff(scopes: Scopes) -> Self {
        Self::Staff { scopes, token: TokenId::default() }
    }

    /// The same viewer, known by the SHA-256 of its token.
    #[must_use]
    pub fn known_by(self, hash: &[u8; 32]) -> Self {
        match self {
            Self::Staff { scopes, .. } => Self::Staff { scopes, token: TokenId::of_hash(hash) },
            other => other,
        }
    }

    /// The customer who asks, if one does.
    pub fn own(&self) -> Option<CustomerId> {
        match self {
            Self::Customer(own) | Self::Device { customer: own, .. } => Some(*own),
            Self::Anonymous | Self::Touchpoint(_) | Self::Staff { .. } => None,
        }
    }

    /// Whose data this viewer may read.
    pub fn customers(&self) -> CustomerScope {
        match self {
            Self::Anonymous => CustomerScope::Nobody,
            Self::Customer(own) | Self::Device { customer: own, .. } => CustomerScope::Only(*own),
            Self::Touchpoint(_) | Self::Staff { .. } => CustomerScope::Everybody,
        }
    }

    /// Whether the viewer holds a scope. A customer holds those over its own data, which is all it can see.
    pub fn holds(&self, scope: Scope) -> bool {
        match self {
            Self::Customer(_) | Self::Device { .. } => matches!(scope, Scope::Personal | Scope::Behaviors),
            Self::Staff { scopes, .. } => scopes.contains(scope),
            Self::Anonymous | Self::Touchpoint(_) => false,
        }
    }
}
