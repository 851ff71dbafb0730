//! Secrets that the folder does not hold: from a TOML file, from a directory of files (systemd credentials, mounted secrets), from the environment.
//!
//! A secret has a dotted name: `named-values.NAME`, `subscriptions.ID.primary`, `certificates.ID.password`, `backends.ID.authorization`. That is
//! its place in the TOML file, the name of its file in a directory, and, in upper case with `_` and the kind in the singular, the end of its name
//! in the environment: `GATEWRIGHT_SECRET_NAMED_VALUE_NAME`. The first source that has it wins, in the order above.

use crate::text;
use base64::Engine as _;
use config_model::{Finding, Secret, codes};
use std::{
    collections::BTreeMap,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// Start of the names in the environment.
const ENVIRONMENT_PREFIX: &str = "GATEWRIGHT_SECRET_";

/// The largest file of secrets, or of one secret.
const MAX_SECRET_BYTES: u64 = 4 * 1024 * 1024;

/// How many files of a directory are read.
const MAX_SECRET_FILES: usize = 100_000;

/// Kinds of secrets: the name in files and in the environment.
const KINDS: [(&str, &str); 5] = [
    ("named-values", "NAMED_VALUE"),
    ("subscriptions", "SUBSCRIPTION"),
    ("certificates", "CERTIFICATE"),
    ("backends", "BACKEND"),
    ("caches", "CACHE"),
];

/// All secrets known, by dotted name in lower case.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    layers: Vec<BTreeMap<String, Secret<String>>>,
    environment: BTreeMap<String, Secret<String>>,
}

impl Secrets {
    /// Reads files and directories in their order, and takes what the environment has.
    pub(crate) fn read(paths: &[PathBuf], environment: &[(String, String)]) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let mut layers = Vec::new();
        // Files before directories, whatever the order they were named in.
        let (folders, files): (Vec<_>, Vec<_>) = paths.iter().partition(|path| path.is_dir());
        // Findings are read relative to the configuration folder, which these files need not lie in.
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        for path in files {
            layers.push(read_file(&absolute(path), &mut findings));
        }
        for path in folders {
            layers.push(read_folder(&absolute(path), &mut findings));
        }
        let named = environment.iter().filter_map(|(name, value)| {
            Some((name.strip_prefix(ENVIRONMENT_PREFIX)?.to_ascii_uppercase(), Secret::from(value.as_str())))
        });
        (Self { layers, environment: named.collect() }, findings)
    }

    /// The secret of this kind, resource and field (empty for named values).
    pub(crate) fn look_up(&self, kind: &str, name: &str, field: &str) -> Option<Secret<String>> {
        let key = key(kind, name, field);
        let filed = self.layers.iter().find_map(|layer| layer.get(&key));
        filed.or_else(|| self.environment.get(&environment_name(kind, name, field))).cloned()
    }
}

fn key(kind: &str, name: &str, field: &str) -> String {
    let key = if field.is_empty() { format!("{kind}.{name}") } else { format!("{kind}.{name}.{field}") };
    key.to_ascii_lowercase()
}

fn environment_name(kind: &str, name: &str, field: &str) -> String {
    let kind = KINDS.iter().find(|(own, _)| *own == kind).map_or(kind, |(_, singular)| singular);
    let name = if field.is_empty() { format!("{kind}_{name}") } else { format!("{kind}_{name}_{field}") };
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

fn read_file(path: &Path, findings: &mut Vec<Finding>) -> BTreeMap<String, Secret<String>> {
    let mut layer = BTreeMap::new();
    let shown = path.display().to_string();
    let file = match text::read_text(path, &shown, MAX_SECRET_BYTES) {
        Ok(file) => file,
        Err(finding) => {
            findings.push(finding);
            return layer;
        }
    };
    if path.metadata().is_ok_and(|metadata| metadata.mode() & 0o007 != 0) {
        let finding = Finding::warning(codes::BAD_SECRETS, "everybody on this machine may read this file of secrets");
        findings.push(finding.in_file(&shown).with_help(format!("chmod 600 {shown}")));
    }
    let table = match file.text.parse::<toml::Table>() {
        Ok(table) => table,
        Err(error) => {
            // Only the message: the rendered form quotes the line, and the line may hold a secret.
            let finding = Finding::error(codes::BAD_SECRETS, format!("not TOML: {}", error.message())).in_file(&shown);
            let (line, column) = error.span().map_or((0, 0), |span| text::position(&file.text, span.start));
            findings.push(finding.at(line, column));
            return layer;
        }
    };
    for (kind, value) in &table {
        if KINDS.iter().any(|(own, _)| own == kind) {
            flatten(kind, value, &mut layer, &mut |message| {
                findings.push(Finding::error(codes::BAD_SECRETS, message).in_file(&shown));
            });
        } else {
            let known: Vec<_> = KINDS.iter().map(|(own, _)| format!("`{own}`")).collect();
            let finding = Finding::error(codes::BAD_SECRETS, format!("`{kind}` is no kind of secret")).in_file(&shown);
            findings.push(finding.with_help(format!("expected one of {}", known.join(", "))));
        }
    }
    read_certificate_files(&table, path, &mut layer, findings);
    layer
}

fn flatten(
    at: &str,
    value: &toml::Value,
    layer: &mut BTreeMap<String, Secret<String>>,
    report: &mut impl FnMut(String),
) {
    match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                flatten(&format!("{at}.{name}"), value, layer, report);
            }
        }
        toml::Value::String(text) => {
            layer.insert(at.to_ascii_lowercase(), Secret::from(text.as_str()));
        }
        _ => report(format!("`{at}` must be text")),
    }
}

/// `[certificates.ID] file = "x.pfx"`, relative to the file of secrets.
fn read_certificate_files(
    table: &toml::Table,
    path: &Path,
    layer: &mut BTreeMap<String, Secret<String>>,
    findings: &mut Vec<Finding>,
) {
    for (id, certificate) in table.get("certificates").and_then(toml::Value::as_table).into_iter().flatten() {
        let Some(file) = certificate.get("file").and_then(toml::Value::as_str) else { continue };
        let file = path.parent().unwrap_or(Path::new(".")).join(file);
        match text::read_bytes(&file, &file.display().to_string(), MAX_SECRET_BYTES) {
            Ok(bytes) => {
                let data = base64::engine::general_purpose::STANDARD.encode(bytes);
                layer.insert(key("certificates", id, "data"), Secret::from(data));
            }
            Err(finding) => findings.push(finding),
        }
    }
}

fn read_folder(path: &Path, findings: &mut Vec<Finding>) -> BTreeMap<String, Secret<String>> {
    let mut layer = BTreeMap::new();
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => {
            let shown = path.display().to_string();
            findings
                .push(Finding::error(codes::UNREADABLE, format!("`{shown}` cannot be read: {error}")).in_file(shown));
            return layer;
        }
    };
    for entry in entries.flatten().take(MAX_SECRET_FILES) {
        let (name, path) = (entry.file_name().to_string_lossy().to_ascii_lowercase(), entry.path());
        if name.starts_with('.')
            || !path.is_file()
            || !KINDS.iter().any(|(kind, _)| name.starts_with(&format!("{kind}.")))
        {
            continue;
        }
        let shown = path.display().to_string();
        match text::read_bytes(&path, &shown, MAX_SECRET_BYTES) {
            Err(finding) => findings.push(finding),
            Ok(bytes) => match name.strip_suffix(".pfx") {
                Some(name) => {
                    let data = base64::engine::general_purpose::STANDARD.encode(bytes);
                    layer.insert(format!("{name}.data"), Secret::from(data));
                }
                None => match String::from_utf8(bytes) {
                    // Editors and `echo` end files with a line end that belongs to no secret.
                    Ok(text) => {
                        let text = text.strip_suffix('\n').unwrap_or(&text);
                        layer.insert(name, Secret::from(text.strip_suffix('\r').unwrap_or(text)));
                    }
                    Err(_) => findings.push(Finding::error(codes::BAD_SECRETS, "not UTF-8 text").in_file(shown)),
                },
            },
        }
    }
    layer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_name_the_file_from_the_root_on() {
        let (_, findings) = Secrets::read(&[PathBuf::from("no-such-secrets.toml")], &[]);
        let path = findings.first().unwrap().path.as_deref().unwrap();
        assert_eq!(Path::new(path), std::env::current_dir().unwrap().join("no-such-secrets.toml"));
    }

    #[test]
    fn the_first_source_that_has_it_wins() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secrets.toml");
        std::fs::write(
            &file,
            "[named-values]\nKey = 'file'\n[subscriptions.S1]\nprimary = 'p'\n[odd]\nx = 'y'\n[backends]\nb = 1",
        )
        .unwrap();
        let mounted = folder.path().join("mounted");
        std::fs::create_dir(&mounted).unwrap();
        std::fs::write(mounted.join("named-values.key"), "directory\n").unwrap();
        std::fs::write(mounted.join("named-values.other"), "directory\r\n").unwrap();
        std::fs::write(mounted.join("certificates.c1.pfx"), [1, 2, 3]).unwrap();
        let environment = ["NAMED_VALUE_OTHER", "NAMED_VALUE_A_B", "SUBSCRIPTION_S1_SECONDARY"];
        let environment: Vec<_> =
            environment.map(|name| (format!("GATEWRIGHT_SECRET_{name}"), "environment".to_owned())).into();
        let (secrets, findings) = Secrets::read(&[mounted, file], &environment);
        let get = |kind, name, field| secrets.look_up(kind, name, field).map(|secret| secret.expose().clone());
        assert_eq!(get("named-values", "KEY", "").as_deref(), Some("file"));
        assert_eq!(get("named-values", "other", "").as_deref(), Some("directory"));
        assert_eq!(get("named-values", "a.b", "").as_deref(), Some("environment"));
        assert_eq!(get("subscriptions", "s1", "primary").as_deref(), Some("p"));
        assert_eq!(get("subscriptions", "s1", "secondary").as_deref(), Some("environment"));
        assert_eq!(get("certificates", "c1", "data").as_deref(), Some("AQID"));
        assert_eq!(get("named-values", "gone", ""), None);
        let messages: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(messages.len(), 3, "{messages:?}");
        assert!(messages.contains(&"`odd` is no kind of secret") && messages.contains(&"`backends.b` must be text"));
    }

    #[test]
    fn a_broken_file_is_not_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secrets.toml");
        std::fs::write(&file, "[named-values]\nkey = hunter2\n").unwrap();
        let (_, findings) = Secrets::read(&[file], &[]);
        let finding = findings.iter().find(|finding| finding.is_error()).unwrap();
        assert!(!finding.to_string().contains("hunter2"), "{finding}");
        assert_eq!((finding.line, finding.column), (2, 7));
    }
}
