//! Parses the command line and runs the command.

use std::process::ExitCode;

use clap::Parser;
use encircle::cli::Cli;

fn main() -> ExitCode {
    encircle::cli::main(Cli::parse())
}
