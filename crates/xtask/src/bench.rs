//! The benchmarks, native and in the browser.

use anyhow::Result;

use crate::process::Program;
use crate::steps::Steps;
use crate::workspace::Workspace;
use crate::{machine, page};

/// The member whose benchmarks run in Chromium against the built page.
const IN_BROWSER: &str = "system-tests";

/// Runs the benchmarks whose name contains `filter`, or all.
pub(crate) fn run(steps: &mut Steps, workspace: &Workspace, filter: Option<&str>) -> Result<()> {
    for member in workspace.members() {
        if member.benches.is_empty() {
            continue;
        }
        if member.name == IN_BROWSER {
            machine::prepare_for_browser(steps)?;
            page::build(steps, workspace)?;
        }
        for bench in &member.benches {
            steps.run(&format!("bench {} of {}", bench, member.name), || {
                let command = Program::cargo().args(["bench", "--locked", "-p", &member.name, "--bench", bench]);
                let command = command.env(page::FOLDER_VARIABLE, workspace.dist());
                command.arg("--").args(filter).run()
            })?;
        }
    }
    Ok(())
}
