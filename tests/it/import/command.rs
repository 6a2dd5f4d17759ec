//! The command as a person starts it: its help, and where it finds its settings.

use std::process::{Command, Output};

use encircle::cli::import::NounName;

use super::Desk;

/// `encircle import …`, in the desk's folder, with nothing in the environment.
fn command(desk: &Desk, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_encircle"));
    command.env_clear().current_dir(desk.0.path()).arg("import").args(args);
    command
}

fn output(command: &mut Command) -> Output {
    command.output().expect("the command runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn help_lists_the_columns_of_each_noun() {
    let output = output(&mut command(&Desk::new(), &["--help"]));
    assert!(output.status.success());
    let help = stdout(&output);
    let section = |noun: NounName| {
        let heading = format!("\n{} rows:\n", noun.text());
        let (_, rest) = help.split_once(&heading).unwrap_or_else(|| panic!("{heading} is not in {help}"));
        rest.split("\n\n").next().unwrap_or_default().to_owned()
    };
    for (noun, columns) in [
        (NounName::Customers, &["email", "device_id", "birth_date", "created_at", "traits.KEY"][..]),
        (NounName::Behaviors, &["anonymous_id", "name", "occurred_at", "message_id", "properties.KEY"]),
        (
            NounName::Purchases,
            &["customer_id", "placed_at", "unit_price", "lines", "external_id", "refunded", "redemptions"],
        ),
        (NounName::Products, &["sku", "prices", "stock", "part_of", "attributes.KEY"]),
    ] {
        let section = section(noun);
        for column in columns {
            assert!(section.contains(column), "{column} is not in {section}");
        }
    }
    assert!(!section(NounName::Customers).contains("placed_at"));
}

#[test]
fn the_database_is_that_of_the_flag_else_of_the_environment_else_of_the_settings() {
    let desk = Desk::new();
    desk.put("crm.csv", "email\na@x.eu\n");
    desk.put("house.toml", "[database]\nurl = \"sqlite://file.db\"\n");
    let environment = ("ENCIRCLE__DATABASE__URL", "sqlite://environment.db");
    let import = |flags: &[&str], environment: &[(&str, &str)], database: &str| {
        let args = [&["customers", "crm.csv"], flags].concat();
        let output = output(command(&desk, &args).envs(environment.iter().copied()));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        assert!(stdout(&output).contains("1 customers recorded"), "{database} was new");
        assert!(desk.0.path().join(database).exists(), "{database} is there");
    };
    import(&["--database", "sqlite://flag.db"], &[environment], "flag.db");
    import(&[], &[environment], "environment.db");
    import(&["--config", "house.toml"], &[], "file.db");
    import(&[], &[], "encircle.db");
}
