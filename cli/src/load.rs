//! Reads and checks a configuration as the agent does: the same loader, the same engine.
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use config_agent::LoadOptions;
use config_model::{Finding, Snapshot};
use tokio::process::Command;

/// The largest file of named values that is read.
const MAX_NAMED_VALUES_BYTES: u64 = 1024 * 1024;

/// Arguments that say how a folder is read; `dev` passes them on to the agent.
#[derive(clap::Args)]
pub(crate) struct Loading {
    /// Serve only the APIs that are linked to this gateway
    #[arg(long, value_name = "NAME")]
    gateway: Option<String>,
    /// File (TOML) or directory of secrets; repeatable, the first found wins
    #[arg(long, value_name = "PATH")]
    secrets: Vec<PathBuf>,
    /// The publisher's override file, `configuration.<environment>.yaml`
    #[arg(long = "override", value_name = "FILE")]
    override_file: Option<PathBuf>,
    /// Leave out a policy that is not supported, by its element name; repeatable
    #[arg(long, value_name = "NAME")]
    allow_skip: Vec<String>,
    /// Give a backend entity another URL; repeatable
    #[arg(long, value_name = "ID=URL", value_parser = pair)]
    backend: Vec<(String, String)>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((id, url)) if !id.is_empty() && !url.is_empty() => Ok((id.to_owned(), url.to_owned())),
        _ => Err("expected ID=URL, such as orders=http://127.0.0.1:9000".into()),
    }
}

impl Loading {
    fn options(&self) -> LoadOptions {
        let options = LoadOptions {
            gateway: self.gateway.clone(),
            secrets: self.secrets.clone(),
            override_file: self.override_file.clone(),
            allow_skip: self.allow_skip.iter().cloned().collect(),
            backends: self.backend.iter().cloned().collect(),
            ..LoadOptions::default()
        };
        options.with_environment()
    }

    /// Adds the same arguments to a command line of the agent.
    pub(crate) fn pass_on(&self, command: &mut Command) {
        if let Some(name) = &self.gateway {
            command.arg("--gateway").arg(name);
        }
        if let Some(file) = &self.override_file {
            command.arg("--override").arg(file);
        }
        for path in &self.secrets {
            command.arg("--secrets").arg(path);
        }
        for name in &self.allow_skip {
            command.args(["--allow-skip", name]);
        }
        for (id, url) in &self.backend {
            command.arg("--backend").arg(format!("{id}={url}"));
        }
    }

    /// Policies that may be left out.
    pub(crate) fn allow_skip(&self) -> BTreeSet<String> {
        self.allow_skip.iter().cloned().collect()
    }
}

/// What a check found. Paths of findings begin as the paths on the command line do.
#[derive(Default)]
pub(crate) struct Checked {
    /// Texts that cannot be read again: standard input.
    pub(crate) texts: BTreeMap<String, String>,
    pub(crate) snapshot: Option<Snapshot>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) documents: usize,
    pub(crate) expressions: usize,
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
}

impl Checked {
    /// Adds findings and counts them.
    pub(crate) fn add(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            match finding.severity {
                config_model::Severity::Error => self.errors = self.errors.saturating_add(1),
                config_model::Severity::Warning => self.warnings = self.warnings.saturating_add(1),
                config_model::Severity::Note => {}
            }
            self.findings.push(finding);
        }
    }

    /// Adds what another check found.
    pub(crate) fn merge(&mut self, other: Checked) {
        self.texts.extend(other.texts);
        self.documents = self.documents.saturating_add(other.documents);
        self.expressions = self.expressions.saturating_add(other.expressions);
        self.add(other.findings);
    }
}

/// Loads and checks a folder.
pub(crate) fn check(folder: &Path, arguments: &Loading, named_values: &BTreeMap<String, String>) -> Result<Checked> {
    if !folder.is_dir() {
        bail!("`{}` is not a folder", folder.display());
    }
    let options = LoadOptions { named_values: named_values.clone(), ..arguments.options() };
    let loaded = config_agent::load_folder(folder, &options);
    let judged = config_agent::check(&loaded);
    let mut checked = Checked { documents: judged.documents, expressions: judged.expressions, ..Checked::default() };
    checked.add(judged.findings.into_iter().map(|finding| below(folder, finding)));
    checked.snapshot = (!judged.refused).then_some(loaded.snapshot);
    Ok(checked)
}

/// The finding with its path as a reader in the current folder would write it.
fn below(folder: &Path, finding: Finding) -> Finding {
    let path = match finding.path.as_deref() {
        Some(path) if folder == Path::new(".") => path.to_owned(),
        Some(path) => folder.join(path).display().to_string(),
        None => folder.display().to_string(),
    };
    Finding { path: Some(path.into()), ..finding }
}

/// Reads a whole text, at most `limit` bytes of it; `name` is what messages call it.
pub(crate) fn read_text(name: &str, from: impl Read, limit: u64) -> Result<String> {
    let mut bytes = Vec::new();
    from.take(limit.saturating_add(1)).read_to_end(&mut bytes).with_context(|| format!("cannot read `{name}`"))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
        bail!("`{name}` is larger than the {limit} bytes that are read");
    }
    let text = String::from_utf8(bytes).map_err(|e| {
        let line = e.as_bytes().iter().take(e.utf8_error().valid_up_to()).filter(|b| **b == b'\n').count();
        anyhow::anyhow!("`{name}` is not UTF-8 text: line {}", line.saturating_add(1))
    })?;
    Ok(text)
}

/// Reads a file, or standard input for `-`.
pub(crate) fn read_file(file: &Path, limit: u64) -> Result<String> {
    let name = file.display().to_string();
    if name == "-" {
        return read_text("standard input", std::io::stdin().lock(), limit);
    }
    let open = File::open(file).with_context(|| format!("cannot read `{name}`"))?;
    read_text(&name, open, limit)
}

/// Named values from a file: a JSON or TOML object of names and texts.
pub(crate) fn named_values(file: &Path) -> Result<BTreeMap<String, String>> {
    let text = read_file(file, MAX_NAMED_VALUES_BYTES)?;
    let is_json = file.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
    if is_json {
        serde_json::from_str(&text)
            .map_err(|e| anyhow::anyhow!("`{}` is not a JSON object of texts: {e}", file.display()))
    } else {
        toml::from_str(&text).map_err(|e| anyhow::anyhow!("`{}` is not a TOML table of texts: {e}", file.display()))
    }
}
