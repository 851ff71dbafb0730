//! A format string read once, for the places where it is constant: `{n:000}`, `n.ToString("D3")`. Whole numbers and dates are
//! then written straight into the text; everything else goes the way of [`super::format_value`].
use crate::ambient::Ambient;
use crate::exception::Result;
use crate::number::whole::{Form, Whole};
use crate::value::Value;

/// A format string, ready to be used on values of any type.
#[derive(Debug)]
pub struct Compiled {
    spec: Box<str>,
    /// What it means to whole numbers, if that is simple.
    form: Option<Form>,
}

/// Reads a format string. Never fails: a format that is none for the value's type fails when it is used, as in .NET.
pub fn compile(spec: &str) -> Compiled {
    Compiled { spec: spec.into(), form: Form::read(spec) }
}

impl Compiled {
    /// The format as it was written.
    pub fn spec(&self) -> &str {
        &self.spec
    }

    /// Writes what `format_value` gives. Nothing was written where it fails.
    pub fn append(&self, cx: &mut dyn Ambient, value: &Value, out: &mut String) -> Result<()> {
        if let (Some(form), Some(whole)) = (self.form, Whole::of(value)) {
            cx.charge_bytes(form.width())?;
            form.write(whole, out);
            return Ok(());
        }
        if let Value::Str(s) = value {
            out.push_str(s);
            return Ok(());
        }
        out.push_str(&super::format_value(cx, value, &self.spec)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collections::testing::Bench;
    use crate::format::format_value;

    fn written(spec: &str, value: &Value) -> Result<String> {
        let mut out = "<".to_owned();
        let done = compile(spec).append(&mut Bench::default(), value, &mut out);
        done.map(|()| out.get(1..).unwrap().to_owned())
    }

    #[test]
    fn a_compiled_format_means_what_the_plain_one_does() {
        let values = [
            Value::Int32(0),
            Value::Int32(7),
            Value::Int32(-7),
            Value::Int32(i32::MIN),
            Value::Int32(1_234_567),
            Value::Int64(i64::MIN),
            Value::Int64(i64::MAX),
            Value::Int64(-1000),
            Value::UInt64(u64::MAX),
            Value::SByte(-1),
            Value::Int16(-300),
            Value::Byte(255),
            Value::Double(1.5),
            Value::Null,
            Value::Bool(true),
            Value::str("x"),
            Value::TimeSpan(36_000_000_000),
        ];
        let specs = [
            "",
            "0",
            "000",
            "0000000000000000000000000",
            "D",
            "d3",
            "D03",
            "D99",
            "X",
            "x8",
            "X20",
            "N",
            "n0",
            "N2",
            "N3",
            "F",
            "F1",
            "G",
            "g0",
            "G3",
            "C",
            "E2",
            "P",
            "R",
            "#,##0",
            "00.0",
            "0;(0)",
            "Q",
            "D100",
            "N100",
            "é",
            "c",
        ];
        for spec in specs {
            for value in &values {
                let want = format_value(&mut Bench::default(), value, spec).map(|s| s.to_string());
                match (written(spec, value), want) {
                    (Ok(found), Ok(want)) => assert_eq!(found, want, "{value:?} as {spec:?}"),
                    (Err(found), Err(want)) => assert_eq!(found.message(), want.message(), "{value:?} as {spec:?}"),
                    (found, want) => panic!("{value:?} as {spec:?}: {found:?} where {want:?} is wanted"),
                }
            }
        }
    }

    #[test]
    fn known_texts() {
        assert_eq!(written("000", &Value::Int32(-7)).unwrap(), "-007");
        assert_eq!(written("N2", &Value::Int64(-1_234_567)).unwrap(), "-1,234,567.00");
        assert_eq!(written("X", &Value::SByte(-1)).unwrap(), "FF");
    }
}
