//! Files as text: decoding, limits, and the way from a property name or a byte to a line and column.

use config_model::{Finding, codes};
use std::{fs::File, io::Read, path::Path, sync::Arc};

/// The largest file of any kind that is read.
pub(crate) const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;

/// The largest policy document; API Management itself allows 256 KiB (fragments 512 KiB).
pub(crate) const MAX_POLICY_BYTES: u64 = 4 * 1024 * 1024;

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextFile {
    /// Relative to the root of the configuration, with `/`; absolute for files outside.
    pub(crate) path: Arc<str>,
    /// Its text without byte order mark.
    pub(crate) text: Arc<str>,
}

/// Reads a whole file, at most `limit` bytes of it.
pub(crate) fn read_bytes(path: &Path, shown: &str, limit: u64) -> Result<Vec<u8>, Finding> {
    let unreadable = |error| Finding::error(codes::UNREADABLE, format!("cannot be read: {error}")).in_file(shown);
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(Finding::error(codes::TOO_LARGE, format!("larger than the {limit} bytes allowed")).in_file(shown));
    }
    Ok(bytes)
}

/// Reads a text file: UTF-8 with or without byte order mark, or UTF-16 with one.
pub(crate) fn read_text(path: &Path, shown: &str, limit: u64) -> Result<TextFile, Finding> {
    let bytes = read_bytes(path, shown, limit)?;
    let text = match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => decode_utf8(rest),
        all => decode_utf8(all),
    };
    let text = text.map_err(|(line, message)| Finding::error(codes::SYNTAX, message).in_file(shown).at(line, 1))?;
    Ok(TextFile { path: Arc::from(shown), text: Arc::from(text) })
}

fn decode_utf8(bytes: &[u8]) -> Result<String, (u32, String)> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1);
        (u32::try_from(line).unwrap_or(u32::MAX), "not UTF-8 text".to_owned())
    })
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, (u32, String)> {
    let units =
        bytes.chunks(2).map(|pair| unit([pair.first().copied().unwrap_or(0), pair.get(1).copied().unwrap_or(0)]));
    char::decode_utf16(units).collect::<Result<_, _>>().map_err(|_| (1, "not UTF-16 text".to_owned()))
}

/// Line and column, from 1, of the character at a byte offset.
pub(crate) fn position(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count().saturating_add(1);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

/// Where a property stands in a JSON text: `pool.services` is the first `"services":` behind the first `"pool":`.
/// Returns the place of the name, and behind it.
pub(crate) fn locate(text: &str, field: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    let mut found = None;
    for name in field.split('.') {
        let quoted = format!("\"{name}\"");
        let start = text.get(from..)?.match_indices(&quoted).find_map(|(at, found)| {
            let behind = from.checked_add(at)?.checked_add(found.len())?;
            text.get(behind..)?.trim_start().starts_with(':').then_some(behind)
        })?;
        found = Some((start.saturating_sub(quoted.len()), start));
        from = start;
    }
    found
}

/// Puts line and column on a finding that names a property of this file.
pub(crate) fn place(mut finding: Finding, file: &TextFile) -> Finding {
    finding.path = Some(file.path.clone());
    if finding.line == 0
        && let Some((start, end)) = finding.field.as_deref().and_then(|field| locate(&file.text, &field.0))
    {
        finding = finding.spanning(position(&file.text, start), position(&file.text, end));
    }
    finding
}

/// Reads the JSON in a file.
pub(crate) fn parse_json(file: &TextFile) -> Result<serde_json::Value, Finding> {
    serde_json::from_str(&file.text).map_err(|error| {
        let line = u32::try_from(error.line()).unwrap_or(u32::MAX);
        let column = json_column(&file.text, error.line(), error.column());
        // The message of the parser ends with the place, which stands in front already.
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        Finding::error(codes::SYNTAX, format!("not JSON: {message}")).in_file(&file.path).at(line, column)
    })
}

/// The parser counts bytes; people count characters.
fn json_column(text: &str, line: usize, column: usize) -> u32 {
    let line = text.split('\n').nth(line.saturating_sub(1)).unwrap_or_default();
    let chars = line.char_indices().take_while(|(at, _)| *at < column).count();
    u32::try_from(chars.max(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_found_by_path() {
        let text = "{\n  \"a\": \"services\",\n  \"pool\": {\"x\": 1,\n    \"services\" : []}\n}";
        let (start, end) = locate(text, "pool.services").unwrap();
        assert_eq!((position(text, start), position(text, end)), ((4, 5), (4, 15)));
        assert_eq!(locate(text, "services.pool"), None);
    }

    #[test]
    fn json_errors_have_a_place_in_characters() {
        let file = TextFile { path: "x.json".into(), text: "{\n\"é\": trux\n}".into() };
        let finding = parse_json(&file).unwrap_err();
        assert_eq!(finding.to_string(), "x.json:2:9: error[GW1002]: not JSON: expected ident");
    }
}
