//! The operations GraphiQL opens with: one graph, nine slices of it.

use std::collections::BTreeMap;

use super::console::ConsoleTab;

/// Whom an example's token speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    Customer,
    Touchpoint,
    Staff,
}

/// An operation, and whose token it needs.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// Name of the operation, which GraphiQL shows as the name of its tab.
    pub name: &'static str,
    pub query: &'static str,
    /// A JSON object.
    pub variables: Option<&'static str>,
    pub token: TokenKind,
}

pub const EXAMPLES: [Example; 9] = [
    Example {
        name: "WebAccount",
        query: include_str!("../../console/examples/web.graphql"),
        variables: None,
        token: TokenKind::Customer,
    },
    Example {
        name: "PhoneHome",
        query: include_str!("../../console/examples/phone.graphql"),
        variables: None,
        token: TokenKind::Customer,
    },
    Example {
        name: "KioskShelf",
        query: include_str!("../../console/examples/kiosk.graphql"),
        variables: None,
        token: TokenKind::Touchpoint,
    },
    Example {
        name: "WhoAmI",
        query: include_str!("../../console/examples/who.graphql"),
        variables: None,
        token: TokenKind::Customer,
    },
    Example {
        name: "StaffSegments",
        query: include_str!("../../console/examples/segments.graphql"),
        variables: None,
        token: TokenKind::Staff,
    },
    Example {
        name: "PhoneExperience",
        query: include_str!("../../console/examples/experience.graphql"),
        variables: None,
        token: TokenKind::Customer,
    },
    Example {
        name: "StaffReasons",
        query: include_str!("../../console/examples/reasons.graphql"),
        variables: None,
        token: TokenKind::Staff,
    },
    Example {
        name: "LiveHome",
        query: include_str!("../../console/examples/live.graphql"),
        variables: None,
        token: TokenKind::Customer,
    },
    Example {
        name: "StaffPurchases",
        query: include_str!("../../console/examples/staff.graphql"),
        variables: Some(r#"{"customers":20}"#),
        token: TokenKind::Staff,
    },
];

/// The tabs of the console. `token_for` gives the demo's tokens; where there are none, the tabs carry no headers.
pub fn tabs(token_for: impl Fn(TokenKind) -> Option<String>) -> Vec<ConsoleTab> {
    let tab = |example: &Example| ConsoleTab {
        name: example.name.to_owned(),
        query: example.query.to_owned(),
        variables: example.variables.and_then(|json| serde_json::from_str(json).ok()),
        headers: token_for(example.token)
            .map(|token| BTreeMap::from([("Authorization".to_owned(), format!("Bearer {token}"))])),
    };
    EXAMPLES.iter().map(tab).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::{parse_query, types::DocumentOperations};

    #[test]
    fn every_example_is_one_operation_of_its_name() {
        for example in EXAMPLES {
            let document = parse_query(example.query).expect(example.name);
            let DocumentOperations::Multiple(operations) = document.operations else {
                panic!("{} has no name, so its tab would have none", example.name);
            };
            assert_eq!(operations.keys().map(|name| name.as_str()).collect::<Vec<_>>(), [example.name]);
        }
    }

    #[test]
    fn variables_are_json_objects() {
        for (example, tab) in EXAMPLES.iter().zip(tabs(|_| None)) {
            assert_eq!(example.variables.is_some(), tab.variables.is_some(), "{}", example.name);
        }
    }

    #[test]
    fn a_tab_carries_the_token_of_its_speaker_or_no_headers() {
        let staff = Some("Bearer demo-staff".to_owned());
        let tabs_with = tabs(|kind| (kind == TokenKind::Staff).then(|| "demo-staff".to_owned()));
        let authorization = |tab: &ConsoleTab| tab.headers.as_ref().map(|all| all["Authorization"].clone());
        assert_eq!(
            tabs_with.iter().map(authorization).collect::<Vec<_>>(),
            [None, None, None, None, staff.clone(), None, staff.clone(), None, staff]
        );
    }
}
