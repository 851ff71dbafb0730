//! `System.Guid`.
use crate::exception::{Exception, Result};
use crate::value::Str;

/// `Guid.ToString(format)`: `N D B P X`.
pub(crate) fn format(bytes: &[u8; 16], format: &str) -> Result<Str> {
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    let dashed =
        || format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32));
    Ok(match format {
        "" | "D" | "d" => dashed().into(),
        "N" | "n" => hex.clone().into(),
        "B" | "b" => format!("{{{}}}", dashed()).into(),
        "P" | "p" => format!("({})", dashed()).into(),
        "X" | "x" => {
            let rest: Vec<String> = bytes.iter().skip(8).map(|b| format!("0x{b:02x}")).collect();
            format!("{{0x{},0x{},0x{},{{{}}}}}", part(0, 8), part(8, 12), part(12, 16), rest.join(",")).into()
        }
        _ => {
            return Err(Exception::format(
                "Format String can be only \"D\", \"d\", \"N\", \"n\", \"P\", \"p\", \"B\", \"b\", \"X\" or \"x\".",
            ));
        }
    })
}
