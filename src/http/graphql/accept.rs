//! Which media type an answer has: the `Accept` header against the two a GraphQL server offers.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::http::errors::HttpError;

/// The media types of a GraphQL answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// `application/json`: what clients without a preference get.
    Json,
    /// `application/graphql-response+json`: the status tells a request error from an answer.
    GraphqlResponse,
}

impl MediaType {
    pub fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        })
    }

    fn subtype(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::GraphqlResponse => "graphql-response+json",
        }
    }
}

/// One range of an `Accept` header.
#[derive(Debug)]
struct Range<'a> {
    main: &'a str,
    sub: &'a str,
    /// Thousandths.
    quality: u16,
}

/// The best of our media types for the request. Of equals, the one the caller lists first; of two matched by
/// one wildcard, JSON.
pub fn negotiate(headers: &HeaderMap) -> Result<MediaType, HttpError> {
    let ranges = ranges(headers);
    if ranges.is_empty() {
        return Ok(MediaType::Json);
    }
    [MediaType::Json, MediaType::GraphqlResponse]
        .into_iter()
        .filter_map(|media| quality(&ranges, "application", media.subtype()).map(|found| (media, found)))
        // `min_by` keeps the first of equals.
        .min_by(|(_, (quality, position)), (_, (other, other_position))| {
            other.cmp(quality).then(position.cmp(other_position))
        })
        .map(|(media, _)| media)
        .ok_or_else(|| {
            let message = "Nothing this endpoint answers is acceptable to you. Accept \
                           `application/graphql-response+json` or `application/json`.";
            HttpError::new(StatusCode::NOT_ACCEPTABLE, "BAD_USER_INPUT", message)
        })
}

/// Whether the caller names HTML: a browser's address bar, no GraphQL client.
pub fn accepts_html(headers: &HeaderMap) -> bool {
    ranges(headers)
        .iter()
        .any(|range| range.quality > 0 && range.main == "text" && range.sub.eq_ignore_ascii_case("html"))
}

/// Whether the caller names server-sent events.
pub fn accepts_events(headers: &HeaderMap) -> bool {
    let is_it = |range: &Range<'_>| {
        range.main.eq_ignore_ascii_case("text") && range.sub.eq_ignore_ascii_case("event-stream")
    };
    ranges(headers).iter().any(|range| range.quality > 0 && is_it(range))
}

/// The quality of a media type and the position of the range that gave it; none if it is not acceptable.
fn quality(ranges: &[Range<'_>], main: &str, sub: &str) -> Option<(u16, usize)> {
    let specificity = |range: &Range<'_>| {
        if !range.main.eq_ignore_ascii_case(main) {
            return (range.main == "*" && range.sub == "*").then_some(1);
        }
        if range.sub.eq_ignore_ascii_case(sub) { Some(3) } else { (range.sub == "*").then_some(2) }
    };
    let (_, position, range) = ranges
        .iter()
        .enumerate()
        .filter_map(|(position, range)| Some((specificity(range)?, position, range)))
        .min_by_key(|(specificity, position, _)| (std::cmp::Reverse(*specificity), *position))?;
    (range.quality > 0).then_some((range.quality, position))
}

/// All ranges that can be read; the others match nothing.
fn ranges(headers: &HeaderMap) -> Vec<Range<'_>> {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter(|range| !range.trim().is_empty())
        .map(range)
        .collect()
}

fn range(text: &str) -> Range<'_> {
    let mut parts = text.split(';').map(str::trim);
    let (main, sub) = parts.next().and_then(|media| media.split_once('/')).unwrap_or_default();
    let mut quality = 1000;
    for parameter in parts {
        if let Some((name, value)) = parameter.split_once('=')
            && name.trim().eq_ignore_ascii_case("q")
        {
            quality = thousandths(value.trim());
        }
    }
    Range { main, sub, quality }
}

/// RFC 9110: `0` to `1` with at most three decimals. What is none of these accepts nothing.
fn thousandths(text: &str) -> u16 {
    match text.parse::<f32>() {
        Ok(quality) if (0.0..=1.0).contains(&quality) => (quality * 1000.0).round() as u16,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &[&'static str]) -> Option<MediaType> {
        let headers = accept.iter().map(|value| (header::ACCEPT, HeaderValue::from_static(value))).collect();
        negotiate(&headers).ok()
    }

    #[test]
    fn the_best_acceptable_media_type_is_chosen() {
        const GRAPHQL: &str = "application/graphql-response+json";
        for (accept, expected) in [
            (&[][..], Some(MediaType::Json)),
            (&[""], Some(MediaType::Json)),
            (&["*/*"], Some(MediaType::Json)),
            (&["application/*"], Some(MediaType::Json)),
            (&["application/json"], Some(MediaType::Json)),
            (&["APPLICATION/JSON; charset=utf-8"], Some(MediaType::Json)),
            (&[GRAPHQL], Some(MediaType::GraphqlResponse)),
            (
                &["application/graphql-response+json, application/json;q=0.9"],
                Some(MediaType::GraphqlResponse),
            ),
            (&["application/graphql-response+json;q=0.5, application/json"], Some(MediaType::Json)),
            (&["application/json, application/graphql-response+json"], Some(MediaType::Json)),
            (&["application/graphql-response+json, application/json"], Some(MediaType::GraphqlResponse)),
            (&["text/event-stream", GRAPHQL], Some(MediaType::GraphqlResponse)),
            (&["application/json;q=0, */*"], Some(MediaType::GraphqlResponse)),
            (&["*/*;q=0.1, application/graphql-response+json;q=0.05"], Some(MediaType::Json)),
            (&["text/html, */*;q=0.8"], Some(MediaType::Json)),
            (&["text/html"], None),
            (&["application/json;q=0"], None),
            (&["application/json;q=2"], None),
            (&["*/*;q=0"], None),
            (&["json"], None),
        ] {
            assert_eq!(chosen(accept), expected, "{accept:?}");
        }
    }
}
