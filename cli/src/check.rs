//! `gatewright check`: configuration folders and single policy files, judged by the production loader and compiler.
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use config_model::{Finding, NamedValue, NamedValueId, Secret, Snapshot, codes};
use policy_engine::{CheckOptions, Engine};

use crate::load::{self, Checked};
use crate::report::{self, Format};

/// The largest policy document that is read; the loader of folders has the same limit.
const MAX_POLICY_BYTES: u64 = 4 * 1024 * 1024;
/// How deep folders of policy files may be nested.
const MAX_FOLDER_DEPTH: usize = 64;

/// Arguments of `check`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Configuration folders, folders of policy files, or policy files; `-` reads one policy from standard input
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Named values, winning over those of a folder: a TOML or JSON file of names and texts
    #[arg(long, value_name = "FILE")]
    named_values: Option<PathBuf>,
    /// Judge policy files by themselves: unknown named values, fragments, backends and certificates are no errors
    #[arg(long)]
    standalone: bool,
    /// Warnings count as errors
    #[arg(long)]
    deny_warnings: bool,
    #[command(flatten)]
    load: load::Loading,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut all = Checked::default();
    let named_values = arguments.named_values.as_deref().map(load::named_values).transpose()?.unwrap_or_default();
    let files = Files::new(arguments, &named_values);
    for path in &arguments.paths {
        all.merge(if path.as_os_str() == "-" {
            files.check_stdin()?
        } else if path.is_dir() && !arguments.standalone && !holds_single_files(path)? {
            load::check(path, &arguments.load, &named_values)?
        } else {
            files.check_below(path)?
        });
    }
    let out = &mut std::io::BufWriter::new(std::io::stdout().lock());
    report::print(&all, arguments.format, out)?;
    if arguments.format == Format::Text {
        writeln!(
            out,
            "{} and {} in {} with {}",
            report::count(all.errors, "error"),
            report::count(all.warnings, "warning"),
            report::count(all.documents, "document"),
            report::count(all.expressions, "expression"),
        )?;
    }
    out.flush()?;
    let failed = all.errors > 0 || (arguments.deny_warnings && all.warnings > 0);
    Ok(ExitCode::from(u8::from(failed)))
}

/// True for a folder of policy files that is no configuration. One that is neither is left to the loader, which says what it misses.
fn holds_single_files(path: &Path) -> Result<bool> {
    if config_agent::is_configuration(path) {
        return Ok(false);
    }
    let all = std::fs::read_dir(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(all.flatten().any(|entry| is_policy(&entry.path())))
}

fn is_policy(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("xml"))
}

/// Checks policy files one by one.
struct Files {
    engine: Engine,
    snapshot: Snapshot,
    options: CheckOptions,
}

impl Files {
    fn new(arguments: &Arguments, named_values: &BTreeMap<String, String>) -> Files {
        let mut snapshot = Snapshot::default();
        for (name, value) in named_values {
            let (name, value) = (name.clone(), value.clone());
            let id = NamedValueId::new(&name);
            let entity = NamedValue {
                id: id.clone(),
                display_name: name,
                value: Some(Secret::new(value)),
                ..NamedValue::default()
            };
            snapshot.named_values.insert(id, Arc::new(entity));
        }
        let options = CheckOptions { standalone: arguments.standalone, allow_skip: arguments.load.allow_skip() };
        Files { engine: Engine::new(), snapshot, options }
    }

    fn check_stdin(&self) -> Result<Checked> {
        let text = load::read_file(Path::new("-"), MAX_POLICY_BYTES)?;
        let mut checked = self.check_text("-", &text);
        checked.texts.insert("-".into(), text);
        Ok(checked)
    }

    fn check_below(&self, path: &Path) -> Result<Checked> {
        let mut files = Vec::new();
        if path.is_dir() {
            find(path, MAX_FOLDER_DEPTH, &mut files)?;
            files.sort();
        } else {
            files.push(path.to_owned());
        }
        let mut all = Checked::default();
        for file in files {
            let name = file.display().to_string();
            // One file that cannot be read must not hide what is wrong with the others.
            all.merge(match load::read_file(&file, MAX_POLICY_BYTES) {
                Ok(text) => self.check_text(&name, &text),
                Err(e) if path.is_dir() => unreadable(&name, &e),
                Err(e) => return Err(e),
            });
        }
        Ok(all)
    }

    fn check_text(&self, name: &str, text: &str) -> Checked {
        let found = policy_engine::check_file(&self.engine, name, text, &self.snapshot, &self.options);
        let mut checked = Checked { documents: found.documents, expressions: found.expressions, ..Checked::default() };
        checked.add(found.diagnostics.iter().map(config_agent::finding));
        checked
    }
}

fn unreadable(name: &str, error: &anyhow::Error) -> Checked {
    let mut checked = Checked::default();
    let message = format!("cannot be read: {}", error.root_cause());
    checked.add([Finding::error(codes::UNREADABLE, message).in_file(name)]);
    checked
}

/// All `*.xml` below a folder. Links are followed to files, never into folders, so no walk is endless.
fn find(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<()> {
    let shown = || format!("cannot read `{}`", folder.display());
    for entry in std::fs::read_dir(folder).with_context(shown)? {
        let entry = entry.with_context(shown)?;
        let (path, kind) = (entry.path(), entry.file_type().with_context(shown)?);
        if kind.is_dir() {
            let deeper = depth.checked_sub(1).with_context(|| {
                format!("`{}`: folders are nested more than {MAX_FOLDER_DEPTH} deep", path.display())
            })?;
            find(&path, deeper, files)?;
        } else if is_policy(&path) {
            files.push(path);
        }
    }
    Ok(())
}
