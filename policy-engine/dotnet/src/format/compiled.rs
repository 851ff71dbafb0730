//! A format string read once, for the places where it is constant: `{n:000}`, `n.ToString("D3")`. Whole numbers and dates are
//! then written straight into the text; everything else goes the way of [`super::format_value`].
use std::sync::Arc;

use crate::ambient::Ambient;
use crate::exception::Result;
use crate::member::{Known, Ready};
use crate::number::whole::{Form, Whole};
use crate::system::date_format::Plan;
use crate::utf16;
use crate::value::{Str, Value};

/// A format string, ready to be used on values of any type.
#[derive(Debug)]
pub struct Compiled {
    spec: Box<str>,
    /// What it means to whole numbers, if that is simple.
    form: Option<Form>,
    /// What it means to the two types of dates, if anything.
    date: Option<Plan>,
    date_with_offset: Option<Plan>,
}

/// Reads a format string. Never fails: a format that is none for the value's type fails when it is used, as in .NET.
pub fn compile(spec: &str) -> Compiled {
    if utf16::has_halves(spec) {
        return Compiled { spec: spec.into(), form: None, date: None, date_with_offset: None };
    }
    Compiled {
        spec: spec.into(),
        form: Form::read(spec),
        date: Plan::read(spec).ok(),
        date_with_offset: Plan::read_with_offset(spec).ok(),
    }
}

impl Compiled {
    /// The format as it was written.
    pub fn spec(&self) -> &str {
        &self.spec
    }

    /// Writes what `format_value` gives. Nothing was written where it fails.
    pub fn append(&self, cx: &mut dyn Ambient, value: &Value, out: &mut String) -> Result<()> {
        match (value, &self.date, &self.date_with_offset) {
            (Value::Str(s), _, _) => out.push_str(s),
            (Value::DateTime(v), Some(plan), _) => plan.write(*v, out),
            (Value::DateTimeOffset(v), _, Some(plan)) => plan.write_with_offset(*v, out),
            _ => match self.form.zip(Whole::of(value)) {
                Some((form, whole)) => {
                    cx.charge_bytes(form.width())?;
                    form.write(whole, out);
                }
                None => out.push_str(&super::format_value(cx, value, &self.spec)?),
            },
        }
        Ok(())
    }

    /// What `format_value` gives.
    pub fn text(&self, cx: &mut dyn Ambient, value: &Value) -> Result<Str> {
        match value {
            Value::Str(s) => Ok(s.clone()),
            _ => super::collect(|out| self.append(cx, value, out)),
        }
    }
}

/// Prepares `value.ToString(format, ...)`: the receiver comes with the call, whatever follows the format has no effect.
pub(crate) fn prepare_to_string(known: &Known<'_>) -> Option<Ready> {
    let spec = match known.arg(1) {
        Some(Value::Str(s)) => s.clone(),
        // A provider, or no format at all.
        Some(Value::Null) => "".into(),
        Some(_) => return None,
        None if known.args.len() == 1 => "".into(),
        None => return None,
    };
    if known.arg(0).is_some() {
        return None;
    }
    let give = Arc::new(compile(&spec));
    let write = give.clone();
    let receiver = |args: &[&Value]| args.first().map_or(Value::Null, |v| (*v).clone());
    Some(Ready::text(
        move |cx, args| give.text(cx, &receiver(args)).map(Value::Str),
        move |cx, args, out| write.append(cx, &receiver(args), out),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collections::testing::Bench;
    use crate::format::format_value;
    use crate::value::{DateTime, DateTimeOffset};

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
            Value::DateTime(DateTime { ticks: 638_505_824_891_234_567, kind: 0 }),
            Value::DateTime(DateTime { ticks: 638_505_824_890_000_000, kind: 1 }),
            Value::DateTimeOffset(DateTimeOffset { ticks: 638_505_824_891_200_000, offset_minutes: -90 }),
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
    fn dates_are_written_as_dotnet_does() {
        let date = Value::DateTime(DateTime { ticks: 638_505_824_891_234_567, kind: 1 });
        let whole = Value::DateTime(DateTime { ticks: 638_505_824_890_000_000, kind: 2 });
        let offset = Value::DateTimeOffset(DateTimeOffset { ticks: 638_505_824_891_200_000, offset_minutes: -90 });
        for (value, spec, want) in [
            (&date, "yyyy-MM-ddTHH:mm:ssZ", "2024-05-06T08:54:49Z"),
            (&date, "o", "2024-05-06T08:54:49.1234567Z"),
            (&whole, "O", "2024-05-06T08:54:49.0000000+00:00"),
            (&whole, "s.FFF", "49"),
            (&whole, "%F", ""),
            (&date, "FFF", "123"),
            (&date, "ffff.F", "1234.1"),
            (&date, "ddd, d MMM yy h:m:s t", "Mon, 6 May 24 8:54:49 A"),
            (&date, "dddd MMMM yyyyyy tt gg", "Monday May 002024 AM A.D."),
            (&date, r"'at' HH\h K", "at 08h Z"),
            (&date, "//xx::", "//xx::"),
            (&offset, "zzz zz %z", "-01:30 -01 %z"),
            (&offset, "HH:mm K", "08:54 -01:30"),
            (&offset, "r", "Mon, 06 May 2024 10:24:49 GMT"),
            (&offset, "", "05/06/2024 08:54:49 -01:30"),
        ] {
            assert_eq!(written(spec, value).unwrap(), want.replace("%z", "-1"), "{spec:?}");
        }
        // The point of the text before it is not the date's own.
        let mut out = "end.".to_owned();
        compile("%F").append(&mut Bench::default(), &whole, &mut out).unwrap();
        assert_eq!(out, "end.");
    }

    #[test]
    fn known_texts() {
        assert_eq!(written("000", &Value::Int32(-7)).unwrap(), "-007");
        assert_eq!(written("N2", &Value::Int64(-1_234_567)).unwrap(), "-1,234,567.00");
        assert_eq!(written("X", &Value::SByte(-1)).unwrap(), "FF");
    }
}
