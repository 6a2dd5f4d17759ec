//! Where settings stand: a file and the environment. What is wrong is told with its place.

use std::path::Path;

use config::{Config, ConfigError, Environment, File, Map};

use super::Settings;
use crate::kernel::error::{Error, Result};

/// How the names of our variables begin.
const PREFIX: &str = "ENCIRCLE__";

/// Reads the file, if one is named, and the environment.
pub(super) fn read(file: Option<&Path>) -> Result<Settings> {
    let variables: Map<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.to_ascii_uppercase().starts_with(PREFIX))
        .collect();
    settings(file, &variables).map_err(|error| Error::invalid("settings", blamed(file, &variables, &error)))
}

fn settings(file: Option<&Path>, variables: &Map<String, String>) -> Result<Settings, ConfigError> {
    let mut builder = Config::builder();
    if let Some(file) = file {
        builder = builder.add_source(File::from(file));
    }
    let environment = Environment::with_prefix("ENCIRCLE").prefix_separator("__").separator("__");
    let environment = environment.try_parsing(true).source(Some(variables.clone()));
    builder.add_source(environment).build().and_then(Config::try_deserialize)
}

/// Which of the places is wrong: the file if it is so by itself, else the variable without which all is well.
fn blamed(file: Option<&Path>, variables: &Map<String, String>, error: &ConfigError) -> String {
    if let (Some(file), Err(error)) = (file, settings(file, &Map::new())) {
        return format!("the settings file {} cannot be used: {error}", file.display());
    }
    let is_well_without = |name: &&String| {
        let mut others = variables.clone();
        others.remove(*name);
        settings(file, &others).is_ok()
    };
    let mut names: Vec<&String> = variables.keys().collect();
    names.sort_unstable();
    match names.into_iter().find(is_well_without) {
        Some(name) => format!("the environment variable {name} cannot be used: {error}"),
        None => format!("the environment variables that begin with {PREFIX} cannot be used: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::config::ViewerSettings;

    fn complaint(file: &str, variables: &[(&str, &str)]) -> String {
        let mut written = tempfile::Builder::new().suffix(".toml").tempfile().expect("a file");
        written.write_all(file.as_bytes()).expect("it is written");
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let variables = variables.iter().map(own).collect();
        let error = settings(Some(written.path()), &variables).expect_err("they cannot be read");
        let said = blamed(Some(written.path()), &variables, &error);
        said.replace(&written.path().display().to_string(), "FILE")
    }

    #[test]
    fn what_is_wrong_is_told_with_the_file_or_the_variable_it_stands_in() {
        let fine = ("ENCIRCLE__LISTEN", "127.0.0.1:0");
        for (file, variables, words) in [
            ("lisen = \"x\"", vec![fine], ["the settings file FILE", "lisen"]),
            ("time_zone = \"Europe/Wien\"", vec![], ["the settings file FILE", "perhaps `Europe/Vienna`"]),
            ("listen = 1 2", vec![fine], ["the settings file FILE", "TOML"]),
            (
                "",
                vec![fine, ("ENCIRCLE__TIME_ZONE", "Vienna")],
                ["variable ENCIRCLE__TIME_ZONE", "Europe/Vienna"],
            ),
            (
                "",
                vec![fine, ("ENCIRCLE__BEHAVIORS__UNKNOWN_NAMES", "maybe")],
                ["variable ENCIRCLE__BEHAVIORS__UNKNOWN_NAMES", "`maybe` is neither `accept` nor `refuse`"],
            ),
            (
                "[graphql]\nmax_cost = 5",
                vec![("ENCIRCLE__GRAPHQL__MAX_COST", "much")],
                ["variable ENCIRCLE__GRAPHQL__MAX_COST", "much"],
            ),
            (
                "",
                vec![("ENCIRCLE__LISTN", "x"), ("ENCIRCLE__TIME_ZONE", "x")],
                ["variables that begin with ENCIRCLE__", "cannot be used"],
            ),
        ] {
            let said = complaint(file, &variables);
            assert!(words.iter().all(|word| said.contains(word)), "{words:?}: {said}");
            assert!(!said.contains("struct ") && !said.contains("enum "), "{said}");
        }
    }

    #[test]
    fn a_wrong_token_is_told_with_its_viewer() {
        let fine = ("ENCIRCLE__LISTEN".to_owned(), "127.0.0.1:0".to_owned());
        let mut settings = settings(None, &[fine].into()).expect("settings");
        for token in ["a-token-that-is-long-enough-by-far", "short"] {
            settings.viewers.push(ViewerSettings::Staff { token: token.to_owned(), scopes: Vec::new() });
        }
        let said = settings.tokens().err().expect("one is short").to_string();
        assert!(said.starts_with("settings, viewers[1]: the token has 5 characters"), "{said}");
    }
}
