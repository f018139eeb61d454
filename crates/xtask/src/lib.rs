//! Everything this project does to itself: set-up, building the page, checking, serving.
//!
//! Each command can be run again at any time: what is there is used, what is missing is made. Work is told step by
//! step with its time, and the first failure stops it with a sentence that says what to do.
//!
//! **Invariant:** no product code lives here, and no crate of the product knows this one. The browser tests use
//! [`server`], so that they see the page as `cargo xtask serve` serves it.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line that tells what it does")]

mod arguments;
mod arrows;
mod bench;
mod checks;
mod digest;
mod machine;
mod npm;
mod page;
mod process;
mod seal;
pub mod server;
mod steps;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;

use crate::arguments::{Command, USAGE};
use crate::checks::Part;
use crate::steps::Steps;
use crate::workspace::Workspace;

/// Runs the command line given without the program's name. Exit code 2 for wrong usage, 1 for a failed step.
pub fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    let command = match Command::parse(arguments) {
        Ok(command) => command,
        Err(reason) => {
            eprintln!("xtask: {reason}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match execute(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> Result<()> {
    if command == Command::Help {
        println!("{USAGE}");
        return Ok(());
    }
    let mut steps = Steps::start();
    let workspace = Workspace::read()?;
    match command {
        Command::Help => {}
        Command::Setup => checks::prepare(&mut steps, &Part::ALL)?,
        Command::Build => page::build(&mut steps, &workspace)?,
        Command::Serve { port } => {
            page::build(&mut steps, &workspace)?;
            steps.finish();
            return server::serve_until_stopped(&workspace.dist(), port);
        }
        Command::Check => checks::run(&mut steps, &workspace, checks::STATIC)?,
        Command::Test { parts } => checks::run(&mut steps, &workspace, &parts)?,
        Command::Bench { filter } => bench::run(&mut steps, &workspace, filter.as_deref())?,
    }
    steps.finish();
    Ok(())
}
