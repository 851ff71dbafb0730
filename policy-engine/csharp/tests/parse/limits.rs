//! Every limit is reached, with the right finding, on a thread with an ordinary stack.
use csharp::diagnostic::Diagnostic;
use csharp::parser::{MAX_SOURCE_BYTES, find_expression_end, parse_block, parse_expression};

fn is_too_complex(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.csharp_code == Some(8078))
}

#[test]
fn deep_nesting_is_refused_in_every_form() {
    let forms = [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("f(", "1", ")"),
        ("a[", "1", "]"),
        ("- ", "1", ""),
        ("(int)", "1", ""),
        ("a ? b : ", "1", ""),
        ("a ?? ", "1", ""),
        ("x => ", "1", ""),
        ("a = ", "1", ""),
        ("new T { A = { ", "B = 1", " } }"),
        ("new[] { ", "1", " }"),
        ("$\"{", "1", "}\""),
        ("a?.b(", "1", ")"),
        ("a is not ", "b", ""),
        ("a + (b * ", "1", ")"),
        ("(1, ", "2", ")"),
        ("from a in b select ", "c", ""),
        ("x switch { 1 => ", "2", " }"),
    ];
    for (open, middle, close) in forms {
        let text = format!("{}{middle}{}", open.repeat(5_000), close.repeat(5_000));
        let parsed = parse_expression(&text);
        assert!(is_too_complex(&parsed.diagnostics), "{open}: {:?}", parsed.diagnostics.first());
    }
    for (open, close) in [
        ("{", "}"),
        ("if (a) ", ";"),
        ("while (a) ", ";"),
        ("void F() {", "}"),
        ("try {", "} catch {}"),
        ("switch (a) { case 1: ", "}"),
    ] {
        let text = format!("{}{}", open.repeat(5_000), close.repeat(5_000));
        assert!(is_too_complex(&parse_block(&text).diagnostics), "{open}");
    }
    let pattern = format!("x is {}1{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(is_too_complex(&parse_expression(&pattern).diagnostics));
    let types = format!("{}int{} x;", "List<".repeat(5_000), ">".repeat(5_000));
    assert!(parse_block(&types).has_errors());
}

#[test]
fn long_chains_are_refused_before_they_make_tall_trees() {
    for (first, link) in
        [("a", " + a"), ("a", ".b"), ("a", "?.b"), ("a", "()"), ("a", "[0]"), ("x", " as T"), ("x is 1", " or 2")]
    {
        let text = format!("{first}{}", link.repeat(20_000));
        assert!(is_too_complex(&parse_expression(&text).diagnostics), "{link}");
    }
    let text = format!("if (a) b(); {}", "else if (a) b(); ".repeat(20_000));
    assert!(is_too_complex(&parse_block(&text).diagnostics));
}

#[test]
fn ordinary_sizes_are_fine() {
    let sum = format!("1{}", " + 1".repeat(250));
    let nested = format!("{}1{}", "(".repeat(150), ")".repeat(150));
    let ifs = format!("if (a) b(); {}", "else if (a) b(); ".repeat(250));
    assert!(parse_expression(&sum).diagnostics.is_empty());
    assert!(parse_expression(&nested).diagnostics.is_empty());
    assert!(parse_block(&ifs).diagnostics.is_empty());
    let many = "f(1);\n".repeat(20_000);
    assert!(parse_block(&many).diagnostics.is_empty());
}

#[test]
fn a_large_source_is_refused() {
    let text = " ".repeat(MAX_SOURCE_BYTES + 1);
    let parsed = parse_block(&text);
    assert_eq!(parsed.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), [2901]);
}

#[test]
fn findings_are_limited() {
    for text in ["a + ; ".repeat(5_000), "\"\\q\"; ".repeat(5_000), "$ ".repeat(5_000)] {
        let count = parse_block(&text).diagnostics.len();
        assert!((50..=101).contains(&count), "{count}");
    }
}

#[test]
fn bad_shapes_stay_quick() {
    // Each of these makes a look-ahead run far; quadratic work would take minutes.
    for text in [
        "a<".repeat(100_000),
        "(a,".repeat(100_000),
        "(a?".repeat(100_000),
        "a<b,".repeat(100_000),
        "$\"{".repeat(100_000),
        "[".repeat(200_000),
    ] {
        let started = std::time::Instant::now();
        assert!(parse_block(&text).has_errors());
        let _ = find_expression_end(&format!("@{{{text}"));
        assert!(started.elapsed().as_secs() < 20, "{} took {:?}", &text[..6], started.elapsed());
    }
}
