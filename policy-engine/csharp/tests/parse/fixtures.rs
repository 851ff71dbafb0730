//! Case files. `ok/*.cs` must parse without a finding, end where the scanner says, and print back to the same tree; those named `tree_*` also
//! keep their trees. `err/*.cs` keep their findings, drawn under the text. `UPDATE_SNAPSHOTS=1` rewrites what is kept.
//! In a file a line `%%` parts the cases.
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use csharp::diagnostic::Diagnostic;
use csharp::parser::find_expression_end;
use csharp::span::Span;

use crate::{parse, print, shape};

fn files(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parse").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "cs"));
    files.sort();
    assert!(!files.is_empty());
    files
}

fn cases(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    text.split("\n%%\n").map(|case| case.trim().to_owned()).filter(|case| !case.is_empty()).collect()
}

fn keep(path: &Path, extension: &str, actual: &str) {
    let kept = path.with_extension(extension);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&kept, actual).unwrap();
    }
    let expected = fs::read_to_string(&kept).unwrap_or_default();
    assert!(
        expected == actual,
        "{} differs; run with UPDATE_SNAPSHOTS=1 and review\n{}",
        kept.display(),
        first_difference(&expected, actual)
    );
}

fn first_difference(expected: &str, actual: &str) -> String {
    let mut lines = expected.lines().zip(actual.lines()).enumerate();
    match lines.find(|(_, (expected, actual))| expected != actual) {
        Some((number, (expected, actual))) => format!("line {}:\n  kept: {expected}\n  now:  {actual}", number + 1),
        None => "one is longer".to_owned(),
    }
}

#[test]
fn valid_cases_parse_cleanly_and_print_back() {
    let mut count = 0;
    for path in files("ok") {
        for case in cases(&path) {
            count += 1;
            assert_eq!(find_expression_end(&case), Ok(case.len()), "end of {case}");
            let (tree, diagnostics, _) = parse(&case);
            assert!(diagnostics.is_empty(), "{}: {case}\n{}", path.display(), listed(&diagnostics));
            let printed = print(&tree);
            let again = format!("{}{printed}{}", &case[..2], &case[case.len() - 1..]);
            let (reread, diagnostics, _) = parse(&again);
            assert!(diagnostics.is_empty(), "printed: {again}\n{}", listed(&diagnostics));
            assert_eq!(shape(&reread), shape(&tree), "printed: {again}");
            assert_eq!(print(&reread), printed, "printing is stable");
        }
    }
    assert!(count > 400, "only {count} cases found");
}

#[test]
fn trees_stay_as_they_are() {
    for path in files("ok") {
        if !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("tree_")) {
            continue;
        }
        let mut out = String::new();
        for case in cases(&path) {
            let dump = format!("{:#?}", parse(&case).0);
            // Indentation says enough: lines of closing brackets only are left out.
            let lines = dump.lines().filter(|line| !line.trim().chars().all(|c| ")}],".contains(c)));
            writeln!(out, "{case}").unwrap();
            lines.for_each(|line| writeln!(out, "{}", line.trim_end_matches(',')).unwrap());
            out.push('\n');
        }
        keep(&path, "tree", &out);
    }
}

#[test]
fn findings_stay_as_they_are() {
    for path in files("err") {
        let mut out = String::new();
        for case in cases(&path) {
            let (_, diagnostics, inner) = parse(&case);
            assert!(!diagnostics.is_empty(), "no finding for {case}");
            writeln!(out, "{case}").unwrap();
            for diagnostic in &diagnostics {
                draw(&mut out, inner, diagnostic);
            }
            out.push('\n');
        }
        keep(&path, "out", &out);
    }
}

/// A finding with its line and what is underlined.
fn draw(out: &mut String, text: &str, diagnostic: &Diagnostic) {
    writeln!(out, "  {diagnostic}").unwrap();
    underline(out, text, diagnostic.span, &diagnostic.label);
    for secondary in &diagnostic.secondary {
        underline(out, text, secondary.span, &secondary.text);
    }
    if let Some(help) = &diagnostic.help {
        writeln!(out, "    help: {help}").unwrap();
    }
}

fn underline(out: &mut String, text: &str, span: Span, label: &str) {
    let start = span.start as usize;
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let width = text[start..(span.end as usize)].lines().next().map_or(0, |part| part.chars().count());
    let column = text[line_start..start].chars().count();
    writeln!(out, "    | {line}").unwrap();
    writeln!(out, "    | {}{} {label}", " ".repeat(column), "^".repeat(width.max(1))).unwrap();
}

fn listed(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect()
}
