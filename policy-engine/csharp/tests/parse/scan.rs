//! Where expressions end in raw policy text.
use csharp::parser::{ScanErrorKind, find_expression_end};

fn rest(text: &str) -> &str {
    match find_expression_end(text) {
        Ok(end) => &text[end..],
        Err(error) => panic!("{error} in {text}"),
    }
}

#[test]
fn brackets_quotes_and_comments_are_known() {
    assert_eq!(rest(r#"@(a)" b"#), "\" b");
    assert_eq!(rest(r#"@(x == "y)")" />"#), "\" />");
    assert_eq!(rest(r#"@(f(')', "\")", @"a""b)", '\''))x"#), "x");
    assert_eq!(rest("@{ // it's ) } odd\n return 1; /* } */ }x"), "x");
    assert_eq!(rest(r#"@{ var a = $"{(b ? "}" : "x")}}}}}"; }x"#), "x");
    assert_eq!(rest(r#"@($@"a""{d["k"]:yy"":}"")x"#.replace("\"\")x", "\")x").as_str()), "x");
    assert_eq!(rest("@($\"{x:hh\\\"}\")y"), "y");
    assert_eq!(rest("@(\"\"\"a \" b)\"\"\")x"), "x");
    assert_eq!(rest("@($$\"\"\"{a} {{b(\")\")}} )\"\"\")x"), "x");
    assert_eq!(rest("@(a[1)x"), "x");
    assert_eq!(rest("@(a ] b)x"), "x");
    assert_eq!(rest("@(a ? b : c)x"), "x");
    assert_eq!(rest("@($\"{global::System.Math.PI:N2}\")x"), "x");
    assert_eq!(rest("@(\"\\q\")x"), "x");
}

#[test]
fn what_is_never_closed_is_named() {
    for (text, kind, at) in [
        ("(a)", ScanErrorKind::NotAnExpression, 0),
        ("@(a", ScanErrorKind::Bracket(')'), 0),
        ("@{ if (a) { }", ScanErrorKind::Bracket('}'), 0),
        ("@(\"a)\n)", ScanErrorKind::String, 2),
        ("@(@\"a)\n)", ScanErrorKind::String, 2),
        ("@('a)\n)", ScanErrorKind::Char, 2),
        ("@(a /* )", ScanErrorKind::Comment, 4),
        ("@($\"{a)", ScanErrorKind::Hole, 4),
        ("@($\"{a\")", ScanErrorKind::Hole, 4),
        ("@($\"{a:b\")", ScanErrorKind::Hole, 4),
    ] {
        let error = find_expression_end(text).expect_err(text);
        assert_eq!((error.kind, error.span.start), (kind, at), "{text}");
        assert!(error.diagnostic().is_error());
    }
}
