//! Parses the command line and runs the command.

use std::process::ExitCode;

use clap::Parser;
use encircle::cli::Cli;
use mimalloc::MiMalloc;

/// A request makes many small, short-lived values, which this allocator makes for less.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    encircle::cli::main(Cli::parse())
}
