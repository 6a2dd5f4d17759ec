//! Commands as a person starts them, and what they say when things are not as they should be.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::harness::databases::{on_both, url_of};
use crate::harness::postgres::Server;

/// `encircle …`, with nothing in the environment but this.
fn encircle(args: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_encircle"));
    command.env_clear().envs(environment.iter().copied()).args(args);
    command
}

/// What a command that fails says on standard error.
fn complaint(args: &[&str]) -> String {
    let Output { status, stderr, .. } = encircle(args, &[]).output().expect("the command runs");
    let said = String::from_utf8_lossy(&stderr).into_owned();
    assert_eq!(status.code(), Some(2), "{said}");
    said
}

#[test]
fn a_postgres_that_is_not_there_is_named_without_its_password() {
    // Nothing listens on port 1.
    let url = "postgres://ada:secret@127.0.0.1:1/shop";
    for command in ["migrate", "serve"] {
        let said = complaint(&[command, "--database", url]);
        for word in ["127.0.0.1, port 1, database `shop`", "does not answer", "Check that the server runs"] {
            assert!(said.contains(word), "{word} is not in: {said}");
        }
        assert!(!said.contains("secret"), "{said}");
    }
}

#[test]
fn a_database_that_postgres_does_not_have_is_to_be_created() {
    let Some(server) = Server::get() else { return };
    let said = complaint(&["migrate", "--database", &server.url("nowhere")]);
    for word in ["database `nowhere`", "does not exist", "Create the database"] {
        assert!(said.contains(word), "{word} is not in: {said}");
    }
}

#[tokio::test]
async fn migrating_what_is_migrated_is_silent_about_what_is_there() {
    on_both(async |db| {
        let url = url_of(&db).await;
        let mut command = encircle(&["migrate", "--database", &url], &[("RUST_LOG", "info")]);
        let Output { status, stderr, .. } = command.output().expect("the command runs");
        let said = String::from_utf8_lossy(&stderr).into_owned();
        assert!(status.success(), "{said}");
        assert!(said.contains("up to date") && !said.contains("skipping"), "{said}");
    })
    .await;
}

/// Whether a folder has something in it, at some depth, whose name ends so.
fn has(folder: &Path, end: &str) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| path.to_string_lossy().ends_with(end) || has(&path, end))
}

#[test]
fn a_demo_that_is_stopped_while_it_seeds_leaves_nothing_behind() {
    let folder = TempDir::new().expect("a temporary folder");
    let place = folder.path().to_string_lossy().into_owned();
    let mut demo = encircle(&["demo", "--listen", "127.0.0.1:0", "--scale", "50"], &[("TMPDIR", &place)])
        .stdout(Stdio::null())
        .spawn()
        .expect("the demo starts");
    let begun = Instant::now();
    while !has(folder.path(), ".part-wal") {
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not seed");
        std::thread::sleep(Duration::from_millis(20));
    }
    let ordered = Command::new("kill").args(["-INT", &demo.id().to_string()]).status();
    assert!(ordered.expect("it is sent").success());
    let ordered_at = Instant::now();
    let status = loop {
        if let Some(status) = demo.try_wait().expect("it is asked") {
            break status;
        }
        if ordered_at.elapsed() > Duration::from_secs(30) {
            demo.kill().expect("it is killed");
            demo.wait().expect("it ends");
            panic!("it goes on seeding");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(130));
    let left = std::fs::read_dir(folder.path()).expect("it is read").count();
    assert_eq!(left, 0, "{place} is not empty");
}
