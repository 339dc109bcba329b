//! deny.toml over `cargo metadata`: every crate that a build of ours can contain has an allowed licence,
//! is not banned and comes from the registry.

use crate::{run, spdx};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong, one line each.
type Complaints = BTreeSet<String>;

struct Rules {
    targets: Vec<String>,
    licences: Vec<String>,
    banned: Vec<String>,
    registries: Vec<String>,
}

pub fn check() -> Result<()> {
    let rules = Rules::read(&std::fs::read_to_string("deny.toml").context("cannot read deny.toml")?)?;
    let mut used = BTreeSet::new();
    for target in &rules.targets {
        used.extend(crates(target)?);
    }
    let metadata =
        run::json(run::cargo().args(["metadata", "--format-version=1", "--locked", "--all-features"]))?;
    let complaints = rules.judge(&metadata, &used)?;
    if complaints.is_empty() {
        println!("{} crates allowed by deny.toml on {} targets", used.len(), rules.targets.len());
        return Ok(());
    }
    let list: Vec<String> = complaints.into_iter().collect();
    bail!("deny.toml forbids:\n  {}", list.join("\n  "))
}

impl Rules {
    fn read(text: &str) -> Result<Self> {
        let mut lists = lists(text);
        let mut take = |name: &str| match lists.remove(name) {
            Some(list) if !list.is_empty() => Ok(list),
            _ => bail!("deny.toml has no list {name}"),
        };
        Ok(Self {
            targets: take("graph.targets")?,
            licences: take("licenses.allow")?,
            banned: take("bans.deny")?,
            registries: take("sources.allow-registry")?,
        })
    }

    fn judge(&self, metadata: &Value, used: &BTreeSet<String>) -> Result<Complaints> {
        let mut complaints = Complaints::new();
        let packages = metadata.get("packages").and_then(Value::as_array);
        for package in packages.context("cargo metadata lists no packages")? {
            let word = |key: &str| package.get(key).and_then(Value::as_str);
            let (Some(name), Some(version)) = (word("name"), word("version")) else {
                bail!("cargo metadata describes a package without name or version");
            };
            if !used.contains(&format!("{name} v{version}")) {
                continue;
            }
            if self.banned.iter().any(|banned| banned == name) {
                complaints.insert(format!("{name} {version}: banned (see `cargo tree --invert {name}`)"));
            }
            if spdx::is_satisfied(word("license").unwrap_or(""), &self.licences) != Some(true) {
                let licence = word("license").unwrap_or("none");
                complaints.insert(format!("{name} {version}: licence {licence} is not on the list"));
            }
            let is_known = |source: &str| {
                self.registries.iter().any(|known| source.strip_prefix("registry+") == Some(known))
            };
            if let Some(source) = word("source").filter(|source| !is_known(source)) {
                complaints.insert(format!("{name} {version}: comes from {source}"));
            }
        }
        Ok(complaints)
    }
}

/// What is compiled for a target, each as "name vVERSION". `cargo tree` asks the resolver that builds;
/// the graph in `cargo metadata` also has crates that no feature switches on.
fn crates(target: &str) -> Result<BTreeSet<String>> {
    let tree = run::output(run::cargo().args([
        "tree",
        "--workspace",
        "--all-features",
        "--locked",
        "--edges=normal,build,dev",
        "--prefix=none",
        "--format={p}",
        "--target",
        target,
    ]))?;
    let name_and_version = |line: &str| {
        let mut words = line.split(' ');
        Some(format!("{} {}", words.next()?, words.next()?))
    };
    Ok(String::from_utf8(tree)?.lines().filter_map(name_and_version).collect())
}

/// The lists of strings of a TOML file by `section.key`; everything else is passed over.
/// A TOML library would double what `cargo dev` compiles before it says its first word.
fn lists(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::<String, Vec<String>>::new();
    let mut section = String::new();
    let mut open: Option<String> = None;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let mut rest = line;
        if open.is_none() {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                name.clone_into(&mut section);
                continue;
            }
            let Some((key, value)) = line.split_once('=') else { continue };
            let Some(value) = value.trim().strip_prefix('[') else { continue };
            open = Some(format!("{section}.{}", key.trim()));
            rest = value;
        }
        if let Some(name) = &open {
            // Between the quotes: every second piece.
            let strings = rest.split('"').skip(1).step_by(2).map(String::from);
            found.entry(name.clone()).or_default().extend(strings);
        }
        if rest.ends_with(']') {
            open = None;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::Rules;
    use serde_json::json;

    const DENY: &str = "[graph]\ntargets = [\"a\", \"b\"]\nall-features = true\n[licenses]\n# why\nallow = [\n \"MIT\",\n]\n\
        [bans]\ndeny = [\"ring\"]\n[sources]\nunknown-git = \"deny\"\nallow-registry = [\"https://index\"]\n";

    #[test]
    fn the_lists_of_the_file_are_read() {
        let rules = Rules::read(DENY).unwrap();
        assert_eq!(rules.targets, ["a", "b"]);
        assert_eq!(rules.licences, ["MIT"]);
        assert_eq!(rules.banned, ["ring"]);
        assert!(Rules::read("[graph]\ntargets = [\"a\"]").is_err());
    }

    #[test]
    fn each_rule_finds_its_offender_and_only_among_used_crates() {
        let package = |name: &str, licence: &str, source: &str| json!({"name": name, "version": "1.0.0", "license": licence, "source": source});
        let metadata = json!({"packages": [
            package("good", "MIT", "registry+https://index"),
            package("ring", "MIT", "registry+https://index"),
            package("copyleft", "AGPL-3.0", "registry+https://index"),
            package("forked", "MIT", "git+https://elsewhere"),
            package("unused", "AGPL-3.0", "git+https://elsewhere"),
        ]});
        let used = ["good", "ring", "copyleft", "forked"].map(|name| format!("{name} v1.0.0")).into();
        let complaints = Rules::read(DENY).unwrap().judge(&metadata, &used).unwrap();
        let complaints: Vec<String> = complaints.into_iter().collect();
        assert_eq!(
            complaints,
            [
                "copyleft 1.0.0: licence AGPL-3.0 is not on the list",
                "forked 1.0.0: comes from git+https://elsewhere",
                "ring 1.0.0: banned (see `cargo tree --invert ring`)",
            ]
        );
    }
}
