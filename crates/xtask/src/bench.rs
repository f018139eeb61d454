//! The benchmarks, native and in the browser.

use anyhow::Result;

use crate::process::Program;
use crate::steps::Steps;
use crate::workspace::Workspace;
use crate::{machine, page};

/// The benchmark that runs in Chromium against the built page.
const IN_BROWSER: &str = "browser";

/// Runs the benchmark of the name `filter`, or the measurements of all whose name contains it.
pub(crate) fn run(steps: &mut Steps, workspace: &Workspace, filter: Option<&str>) -> Result<()> {
    let members = workspace.members();
    let named = filter.filter(|filter| members.iter().any(|member| member.benches.iter().any(|b| b == filter)));
    for member in &members {
        for bench in &member.benches {
            if named.is_some_and(|named| named != bench) {
                continue;
            }
            if bench == IN_BROWSER {
                machine::prepare_for_browser(steps)?;
                page::build(steps, workspace)?;
            }
            steps.run(&format!("bench {} of {}", bench, member.name), || {
                let command = Program::cargo().args(["bench", "--locked", "-p", &member.name, "--bench", bench]);
                let command = command.env(page::FOLDER_VARIABLE, workspace.dist());
                command.arg("--").args(filter.filter(|_| named.is_none())).run()
            })?;
        }
    }
    Ok(())
}
