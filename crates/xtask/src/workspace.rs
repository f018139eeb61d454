//! Where things are, and what `cargo metadata` says of the members.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process::Program;

/// The checkout's root, wherever the command was started.
pub(crate) fn root() -> PathBuf {
    // Cargo says at run time which checkout it was called in: one target folder may serve several.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let manifest = Path::new(&manifest);
    manifest.ancestors().nth(2).unwrap_or(manifest).to_owned()
}

/// The workspace as cargo sees it.
pub(crate) struct Workspace {
    metadata: Value,
    target: PathBuf,
}

/// A member of the workspace.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// Names of its bench targets.
    pub(crate) benches: Vec<String>,
    /// Whether its unit tests also run as wasm: it depends on tests/as-wasm.
    pub(crate) tested_as_wasm: bool,
    /// Names of the workspace members it depends on, of whatever kind, each once, sorted.
    pub(crate) imports: Vec<String>,
}

impl Workspace {
    pub(crate) fn read() -> Result<Workspace> {
        let text = Program::cargo().args(["metadata", "--format-version=1", "--no-deps", "--locked"]).read()?;
        let metadata: Value = serde_json::from_str(&text).context("cargo metadata is not JSON")?;
        let target = metadata["target_directory"].as_str().context("cargo metadata names no target directory")?.into();
        Ok(Workspace { metadata, target })
    }

    /// Cargo's target directory.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Where the finished page goes.
    pub(crate) fn dist(&self) -> PathBuf {
        root().join("dist")
    }

    pub(crate) fn members(&self) -> Vec<Member> {
        members(&self.metadata)
    }
}

/// The members in a `cargo metadata --no-deps` document.
pub(crate) fn members(metadata: &Value) -> Vec<Member> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut members: Vec<Member> = packages.iter().filter_map(|package| member(package, &names)).collect();
    members.sort_by(|a, b| a.name.cmp(&b.name));
    members
}

fn member(package: &Value, names: &[&str]) -> Option<Member> {
    let strings = |list: &Value, keep: &dyn Fn(&Value) -> bool| -> Vec<String> {
        let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().filter(|item| keep(item)).filter_map(|item| item["name"].as_str().map(str::to_owned)).collect()
    };
    let is_bench = |target: &Value| target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|k| k == "bench"));
    let is_ours = |dependency: &Value| {
        dependency["path"].is_string() && dependency["name"].as_str().is_some_and(|name| names.contains(&name))
    };
    let is_wasm_test = |dependency: &Value| dependency["name"] == "test-as-wasm";
    let mut imports = strings(&package["dependencies"], &is_ours);
    imports.sort();
    imports.dedup();
    Some(Member {
        name: package["name"].as_str()?.to_owned(),
        benches: strings(&package["targets"], &is_bench),
        tested_as_wasm: !strings(&package["dependencies"], &is_wasm_test).is_empty(),
        imports,
    })
}
