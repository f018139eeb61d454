//! Running other programs, with failures that name the command to try by hand.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};

/// A program about to be run in the workspace's root unless told otherwise.
pub(crate) struct Program(Command);

impl Program {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Program {
        let mut command = Command::new(program);
        command.current_dir(crate::workspace::root());
        Program(command)
    }

    /// The cargo that runs us, free of what it tells build scripts of *this* package.
    pub(crate) fn cargo() -> Program {
        let mut program = Program::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                program.0.env_remove(&name);
            }
        }
        program
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Program {
        self.0.arg(argument);
        self
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Program {
        self.0.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Program {
        self.0.env(name, value);
        self
    }

    pub(crate) fn without_env(mut self, name: &str) -> Program {
        self.0.env_remove(name);
        self
    }

    pub(crate) fn directory(mut self, directory: &Path) -> Program {
        self.0.current_dir(directory);
        self
    }

    /// Puts folders before those of `PATH`.
    pub(crate) fn path_first(self, folders: &[PathBuf]) -> Result<Program> {
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let all = folders.iter().cloned().chain(std::env::split_paths(&rest));
        let path = std::env::join_paths(all).context("a tool's folder has a `:` in its name")?;
        Ok(self.env("PATH", path))
    }

    /// Runs to the end, its output shown as it comes.
    pub(crate) fn run(mut self) -> Result<()> {
        let status = self.0.status().with_context(|| self.not_started())?;
        if !status.success() {
            bail!("`{}` ended with {status}", self.line());
        }
        Ok(())
    }

    /// Runs to the end and gives its standard output; what it says on standard error goes into the failure.
    pub(crate) fn read(mut self) -> Result<String> {
        let output = self.0.stdin(Stdio::null()).output().with_context(|| self.not_started())?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("`{}` ended with {}\n{}", self.line(), output.status, said.trim_end());
        }
        String::from_utf8(output.stdout).map_err(|_| anyhow!("`{}` printed bytes that are not UTF-8", self.line()))
    }

    fn not_started(&self) -> String {
        format!("cannot start `{}`", self.line())
    }

    fn line(&self) -> String {
        let words = std::iter::once(self.0.get_program()).chain(self.0.get_args());
        words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }
}

/// Where a program of this name stands on `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
