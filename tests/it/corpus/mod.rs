//! Bad input over real connections: every case must be refused with a code, or answered when it is odd but
//! right; nothing may panic, hang, grow, leak or be logged as an error of ours.
//!
//! The cases run in a process of their own, the same test binary started again: a stack that overflows ends
//! that process only, and its memory, panics and log are not those of tests that run beside it.

use std::process::Command;

mod arguments;
mod case;
mod client;
mod credentials;
mod documents;
mod http;
mod identifiers;
mod injections;
mod json;
mod observer;
mod pages;
mod runner;
mod schema;
mod texts;
mod variables;
mod verdict;
mod wire;
mod world;

/// Set in the process that runs the cases.
const CHILD: &str = "ENCIRCLE_CORPUS_CHILD";

#[test]
fn bad_requests_are_refused_with_a_code() {
    if std::env::var_os(CHILD).is_some() {
        return runner::run();
    }
    let program = std::env::current_exe().expect("the test binary has a path");
    let output = Command::new(program)
        .args(["corpus::bad_requests_are_refused_with_a_code", "--exact", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .expect("the test binary starts again");
    let said = String::from_utf8_lossy(&output.stderr);
    eprintln!("{said}");
    assert!(output.status.success(), "the process with the cases ended with {}", output.status);
    assert!(said.contains("corpus: done"), "the cases did not run");
}
