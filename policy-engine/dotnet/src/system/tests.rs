//! Members called as the executor calls them, with answers of real .NET (the oracle's).
use crate::collections::array;
use crate::collections::testing::{Bench, table};
use crate::format;
use crate::member::Call;
use crate::object;
use crate::types::{Type, TypeId};
use crate::value::{DateTime, Value};

/// A signature that cannot be read would silently lose its member.
#[test]
fn all_signatures_are_readable() {
    let ours = ["System.", "Gatewright."];
    let problems: Vec<_> = table().problems().iter().filter(|p| ours.iter().any(|o| p.starts_with(o))).collect();
    assert!(problems.is_empty(), "{problems:#?}");
}

/// Calls the member with that signature; the answer's text, or the exception's short name.
fn call(ty: &'static str, signature: &str, args: &[Value]) -> String {
    let def = table().get(TypeId(ty)).unwrap_or_else(|| panic!("no type {ty}"));
    let member = def.members.iter().find(|m| m.text == signature).unwrap_or_else(|| panic!("no {ty} {signature}"));
    let mut args = args.to_vec();
    let mut cx = Bench::default();
    let native = member.native.unwrap();
    match native(&mut Call { cx: &mut cx, types: &[Type::INT], args: &mut args }) {
        Ok(v) => show(&mut cx, &v),
        Err(e) => e.type_id().simple_name().to_owned(),
    }
}

fn show(cx: &mut Bench, v: &Value) -> String {
    if let Some(a) = array::array(v) {
        return a.to_vec().iter().map(|v| show(cx, v)).collect::<Vec<_>>().join("|");
    }
    match v {
        Value::Null => "null".into(),
        Value::DateTime(_) | Value::DateTimeOffset(_) => format::format_value(cx, v, "o").unwrap().to_string(),
        v => object::text(cx, v).unwrap().to_string(),
    }
}

fn s(text: &str) -> Value {
    Value::str(text)
}

fn i(n: i32) -> Value {
    Value::Int32(n)
}

#[test]
fn numbers_are_formatted() {
    let mut cx = Bench::default();
    let d = Value::Double;
    let m = |t: &str| Value::Decimal(t.parse().unwrap());
    let cases: &[(Value, &str, &str)] = &[
        (d(2.5), "F0", "2"),
        (d(0.125), "F2", "0.12"),
        (d(1.5), "F0", "2"),
        (d(1e15), "", "1000000000000000"),
        (d(1e16), "", "10000000000000000"),
        (d(1e17), "", "1E+17"),
        (d(123_456_789_012_345_680.0), "", "1.2345678901234568E+17"),
        (Value::Single(0.3), "", "0.3"),
        (d(2.5), "0", "3"),
        (d(-0.0), "", "-0"),
        (d(0.00001), "", "1E-05"),
        (d(0.1), "F20", "0.10000000000000000555"),
        (d(0.1), "G20", "0.10000000000000000555"),
        (d(1.005), "F2", "1.00"),
        (Value::Single(1e9), "", "1E+09"),
        (Value::Single(1e8), "", "100000000"),
        (Value::Single(1_234_567_890.0), "", "1.2345679E+09"),
        (d(1.15), "0.0", "1.2"),
        (i(12), "C", "¤12.00"),
        (i(-12), "C", "(¤12.00)"),
        (d(-0.4), "F0", "-0"),
        (d(-0.4), "0", "-0"),
        (d(1e20), "0.00", "100000000000000000000.00"),
        (m("1234567.891"), "N", "1,234,567.89"),
        (i(12), "E", "1.200000E+001"),
        (d(1.0 / 3.0), "P", "33.33 %"),
        (d(1.0 / 3.0), "G3", "0.333"),
        (d(1e16), "G3", "1E+16"),
        (d(f64::from_bits(1)), "", "5E-324"),
        (d(std::f64::consts::PI), "0.###", "3.142"),
        (i(-255), "X", "FFFFFF01"),
        (i(42), "D6", "000042"),
        (m("1.10"), "", "1.10"),
        (i(1_234_567), "#,##0.00;(#,##0.00);zero", "1,234,567.00"),
        (i(-5), "0;(0);zero", "(5)"),
        (i(0), "0;(0);zero", "zero"),
        (d(0.1234), "0.0%", "12.3%"),
        (d(12345.678), "0.00E+00", "1.23E+04"),
    ];
    for (v, f, want) in cases {
        assert_eq!(&*format::format_value(&mut cx, v, f).unwrap(), *want, "{v:?} {f}");
    }
    assert!(format::format_value(&mut cx, &i(1), "Z").is_err());
}

#[test]
fn composite_formats() {
    let mut cx = Bench::default();
    let args = [i(7), s("ab"), Value::Double(1.5)];
    for (f, want) in
        [("{0}", "7"), ("{0,4}|{1,-4}|", "   7|ab  |"), ("{{{0:D3}}}", "{007}"), ("{2:F2}", "1.50"), ("a{1}b", "aabb")]
    {
        assert_eq!(&*format::composite(&mut cx, f, &args).unwrap(), want);
    }
    for f in ["{", "}", "{3}", "{a}", "{0", "{-1}"] {
        assert!(format::composite(&mut cx, f, &args).is_err(), "{f}");
    }
}

#[test]
fn strings() {
    const T: &str = "System.String";
    let two = "string Substring(int startIndex, int length)";
    let chars = |t: &str| array::new_array(Type::CHAR, t.encode_utf16().map(Value::Char).collect());
    let cases: &[(&str, Vec<Value>, &str)] = &[
        (two, vec![s("hello"), i(1), i(3)], "ell"),
        (two, vec![s("hello"), i(3), i(3)], "ArgumentOutOfRangeException"),
        (two, vec![s("aé😀b"), i(2), i(2)], "😀"),
        ("int Length", vec![s("aé😀b")], "5"),
        ("string[] Split(params char[] separator)", vec![s("a,b;c"), chars(",;")], "a|b|c"),
        (
            "string[] Split(char separator, int count, StringSplitOptions options = None)",
            vec![s("a,b,c"), Value::Char(44), i(2), i(0)],
            "a|b,c",
        ),
        (
            "string[] Split(char separator, StringSplitOptions options = None)",
            vec![s(",a,,b,"), Value::Char(44), i(1)],
            "a|b",
        ),
        ("int IndexOf(string value)", vec![s("abcabc"), s("ca")], "2"),
        ("int LastIndexOf(string value)", vec![s("abc"), s("")], "2"),
        ("int LastIndexOf(char value)", vec![s("abcabc"), Value::Char(98)], "4"),
        ("string Replace(string oldValue, string newValue)", vec![s("aXbX"), s("X"), s("--")], "a--b--"),
        ("string Replace(string oldValue, string newValue)", vec![s("a"), s(""), s("b")], "ArgumentException"),
        ("string PadLeft(int totalWidth, char paddingChar)", vec![s("7"), i(3), Value::Char(48)], "007"),
        ("string Trim()", vec![s(" \u{a0}x\t")], "x"),
        ("static int Compare(string strA, string strB)", vec![s("a"), s("B")], "-1"),
        ("static int Compare(string strA, string strB)", vec![s("a"), s("A")], "-1"),
        ("static int CompareOrdinal(string strA, string strB)", vec![s("a"), s("c")], "-2"),
        ("string Insert(int startIndex, string value)", vec![s("ac"), i(1), s("b")], "abc"),
        ("string Remove(int startIndex, int count)", vec![s("abcd"), i(1), i(2)], "ad"),
        ("string ToUpperInvariant()", vec![s("straße")], "STRAßE"),
        ("char this[int index]", vec![s("a"), i(1)], "IndexOutOfRangeException"),
    ];
    for (signature, args, want) in cases {
        assert_eq!(call(T, signature, args), *want, "{signature} {args:?}");
    }
}

#[test]
fn numbers_are_parsed() {
    let cases: &[(&'static str, &str, &str, &str)] = &[
        ("System.Int32", "static int Parse(string s)", " -42 ", "-42"),
        ("System.Int32", "static int Parse(string s)", "2147483648", "OverflowException"),
        ("System.Int32", "static int Parse(string s)", "1.5", "FormatException"),
        ("System.Byte", "static byte Parse(string s)", "-1", "OverflowException"),
        ("System.Double", "static double Parse(string s)", "1,234.5e2", "123450"),
        ("System.Double", "static double Parse(string s)", "-Infinity", "-Infinity"),
        ("System.Double", "static double Parse(string s)", "x", "FormatException"),
        ("System.Decimal", "static decimal Parse(string s)", "1,000.10", "1000.10"),
        (
            "System.Decimal",
            "static decimal Parse(string s)",
            "0.00000000000000000000000000005",
            "0.0000000000000000000000000000",
        ),
        (
            "System.Decimal",
            "static decimal Parse(string s)",
            "7922816251426433759354395033.55",
            "7922816251426433759354395034",
        ),
        ("System.Decimal", "static decimal Parse(string s)", "79228162514264337593543950335.5", "OverflowException"),
        ("System.Boolean", "static bool Parse(string value)", " TRUE ", "True"),
        ("System.Boolean", "static bool Parse(string value)", "1", "FormatException"),
        ("System.TimeSpan", "static TimeSpan Parse(string s)", "1.02:03:04.5", "1.02:03:04.5000000"),
        ("System.TimeSpan", "static TimeSpan Parse(string s)", "24:00:00", "24.00:00:00"),
        ("System.TimeSpan", "static TimeSpan Parse(string s)", "25:00", "OverflowException"),
        ("System.TimeSpan", "static TimeSpan Parse(string s)", "6", "6.00:00:00"),
    ];
    for (ty, signature, text, want) in cases {
        assert_eq!(call(ty, signature, &[s(text)]), *want, "{ty} {text}");
    }
}

#[test]
fn dates_are_parsed() {
    let cases = [
        ("2024-05-06T07:08:09Z", "2024-05-06T07:08:09.0000000+00:00"),
        ("2024-05-06T07:08:09+02:00", "2024-05-06T05:08:09.0000000+00:00"),
        ("2024-05-06", "2024-05-06T00:00:00.0000000"),
        ("05/06/2024 7:08 PM", "2024-05-06T19:08:00.0000000"),
        ("Mon, 06 May 2024 07:08:09 GMT", "2024-05-06T07:08:09.0000000+00:00"),
        ("Tue, 06 May 2024 07:08:09 GMT", "FormatException"),
        ("6 May 2024", "2024-05-06T00:00:00.0000000"),
        ("May 6, 2024 7:08:09", "2024-05-06T07:08:09.0000000"),
        ("20240506", "FormatException"),
        ("2024-13-06", "FormatException"),
        ("", "FormatException"),
        ("May 2024", "2024-05-01T00:00:00.0000000"),
        ("6.5.2024", "2024-06-05T00:00:00.0000000"),
        ("2024-05-06T07:08:09.12345678Z", "2024-05-06T07:08:09.1234568+00:00"),
        ("2024-05-06T24:00:00", "FormatException"),
        ("5/6/24", "2024-05-06T00:00:00.0000000"),
        ("13/6/2024", "FormatException"),
        ("2024-05-06T07", "FormatException"),
        ("2024-05-06 7pm", "2024-05-06T19:00:00.0000000"),
        ("2024-05", "2024-05-01T00:00:00.0000000"),
        ("2024-05-06T07:08:09 +0200", "2024-05-06T05:08:09.0000000+00:00"),
    ];
    for (text, want) in cases {
        assert_eq!(call("System.DateTime", "static DateTime Parse(string s)", &[s(text)]), want, "{text}");
    }
    let exact = [
        ("2024-05-06T07:08:09Z", "yyyy-MM-ddTHH:mm:ssZ", "2024-05-06T07:08:09.0000000+00:00"),
        ("Mon, 06 May 2024 07:08:09 GMT", "r", "2024-05-06T07:08:09.0000000"),
        ("2024-05-06T07:08:09", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "2024-05-06T07:08:09.0000000"),
        ("20240506", "yyyyMMdd", "2024-05-06T00:00:00.0000000"),
        ("13:00", "hh:mm", "FormatException"),
        ("2024-05-06 00:00 +0200", "yyyy-MM-dd HH:mm zzz", "2024-05-05T22:00:00.0000000+00:00"),
    ];
    let signature = "static DateTime ParseExact(string s, string format, IFormatProvider provider)";
    for (text, format, want) in exact {
        assert_eq!(call("System.DateTime", signature, &[s(text), s(format), Value::Null]), want, "{text}");
    }
}

#[test]
fn dates_are_added() {
    let date = |ticks: i64| Value::DateTime(DateTime { ticks, kind: 0 });
    let january = date(super::calendar::date_ticks(2024, 1, 31).unwrap());
    assert_eq!(
        call("System.DateTime", "DateTime AddMonths(int months)", &[january, i(1)]),
        "2024-02-29T00:00:00.0000000"
    );
    let add = "DateTime AddSeconds(double value)";
    assert_eq!(call("System.DateTime", add, &[date(0), Value::Double(1.23456)]), "0001-01-01T00:00:01.2350000");
    let days = "DateTime AddDays(double value)";
    assert_eq!(
        call("System.DateTime", days, &[date(super::calendar::MAX_TICKS), Value::Double(1.0)]),
        "ArgumentOutOfRangeException"
    );
}

#[test]
fn uris() {
    let uri = |t: &str| Value::object(super::uri::Uri::parse(t, 1).unwrap());
    let absolute = [
        (
            "HTTP://User:pw@Example.COM:80/a b/%7Efoo/../c?x=ä&y=%20#frag é",
            "http://User:pw@example.com/a%20b/c?x=%C3%A4&y=%20#frag%20%C3%A9",
        ),
        ("http://example.com/%2F%41", "http://example.com/%2FA"),
        ("mailto:a@b.c", "mailto:a@b.c"),
        ("http://h/\\a\\b", "http://h//a/b"),
        ("http://h/a/../..//b/./c", "http://h//b/c"),
        ("http://h/<x>\"`{}|^", "http://h/%3Cx%3E%22%60%7B%7D%7C%5E"),
        ("http://h?x", "http://h/?x"),
        ("http://h/%", "http://h/%25"),
        ("http://h/%e9", "http://h/%e9"),
        ("/a/b", "file:///a/b"),
    ];
    for (text, want) in absolute {
        assert_eq!(call("System.Uri", "string AbsoluteUri", &[uri(text)]), want, "{text}");
    }
    for (text, want) in [
        ("http://example.com/a%20b?x=%C3%A4", "http://example.com/a b?x=ä"),
        ("http://h/+%2B", "http://h/+%2B"),
        ("http://h/a%3Fb?c%3Dd", "http://h/a%3Fb?c%3Dd"),
    ] {
        assert_eq!(call("System.Uri", "string ToString()", &[uri(text)]), want);
    }
    for text in ["foo", "http://", "http://h:99999/", "", "http:/h", "http://a b/"] {
        assert!(super::uri::Uri::parse(text, 1).is_err(), "{text}");
    }
    let escape = "static string EscapeDataString(string stringToEscape)";
    assert_eq!(call("System.Uri", escape, &[s("a b&c/é~!*()'")]), "a%20b%26c%2F%C3%A9~%21%2A%28%29%27");
    assert_eq!(
        call("System.Uri", "new(Uri baseUri, string relativeUri)", &[uri("http://h/a/b"), s("../c?d")]),
        "http://h/c?d"
    );
}

#[test]
fn base64_follows_net() {
    for text in ["YQ", "Y", "YQ=", "YQ==YQ==", "Y*==", "=", "ab_-"] {
        assert!(super::convert_text::from_base64(text).is_err(), "{text}");
    }
    assert_eq!(super::convert_text::from_base64("YR==").unwrap(), b"a");
    assert_eq!(super::convert_text::from_base64("YWJj\n").unwrap(), b"abc");
    assert_eq!(super::convert_text::from_base64("YWI=").unwrap(), b"ab");
}

#[test]
fn zones_convert() {
    let find =
        |id: &str| call("System.TimeZoneInfo", "static TimeZoneInfo FindSystemTimeZoneById(string id)", &[s(id)]);
    assert_eq!(find("Eastern Standard Time"), "(UTC-05:00) Eastern Standard Time");
    assert_eq!(find("Nowhere"), "TimeZoneNotFoundException");
    let july = Value::DateTime(DateTime { ticks: super::calendar::date_ticks(2024, 7, 1).unwrap(), kind: 1 });
    let signature = "static DateTime ConvertTimeBySystemTimeZoneId(DateTime dateTime, string destinationTimeZoneId)";
    assert_eq!(
        call("System.TimeZoneInfo", signature, &[july, s("W. Europe Standard Time")]),
        "2024-07-01T02:00:00.0000000"
    );
}
