//! Any text: no panic, no hang, findings inside the text.
use csharp::diagnostic::Diagnostic;
use csharp::parser::{find_expression_end, parse_block, parse_expression};
use proptest::prelude::*;

use crate::{Tree, print, shape};

/// Pieces that texts are thrown together from: far more of it gets past the lexer than random characters would.
const PIECES: &[&str] = &[
    "a",
    "b",
    "x",
    "Foo",
    "int",
    "string",
    "var",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    ">>",
    ",",
    ";",
    ":",
    "::",
    "?",
    "??",
    "??=",
    ".",
    "..",
    "=",
    "==",
    "=>",
    "+",
    "++",
    "-",
    "!",
    "^",
    "&",
    "&&",
    "|",
    "*",
    "1",
    "2.5",
    "0x",
    "'a'",
    "'",
    "\"s\"",
    "\"",
    "$\"t{",
    "$@\"",
    "$\"\"\"",
    "}\"",
    "@\"v\"",
    "\"\"\"",
    "@",
    "#",
    "\n",
    "//c\n",
    "/*",
    "*/",
    "\\u0041",
    "new",
    "if",
    "else",
    "for",
    "foreach",
    "in",
    "while",
    "do",
    "switch",
    "case",
    "default",
    "try",
    "catch",
    "finally",
    "return",
    "throw",
    "is",
    "as",
    "not",
    "and",
    "or",
    "when",
    "with",
    "out",
    "ref",
    "params",
    "static",
    "async",
    "await",
    "yield",
    "delegate",
    "from",
    "where",
    "select",
    "group",
    "by",
    "into",
    "join",
    "on",
    "equals",
    "orderby",
    "let",
    "goto",
    "using",
    "const",
    "checked",
    "typeof",
    "nameof",
    "this",
    "stackalloc",
    "lock",
    "_",
    "null",
    "é",
    "😀",
];

fn check(text: &str) {
    let expression = parse_expression(text);
    inside(text, &expression.diagnostics);
    if !expression.has_errors() {
        reads_back(Tree::Expression(expression.tree));
    }
    let block = parse_block(text);
    inside(text, &block.diagnostics);
    if !block.has_errors() {
        reads_back(Tree::Block(block.tree));
    }
    for opener in ["@(", "@{"] {
        let scanned = format!("{opener}{text}");
        match find_expression_end(&scanned) {
            Ok(end) => assert!(scanned.is_char_boundary(end) && end > 2),
            Err(error) => {
                assert!(scanned.get(error.span.start as usize..error.span.end as usize).is_some(), "{error:?}")
            }
        }
    }
}

fn inside(text: &str, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        for span in std::iter::once(diagnostic.span).chain(diagnostic.secondary.iter().map(|label| label.span)) {
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{diagnostic} of {text:?}");
        }
    }
}

fn reads_back(tree: Tree) {
    let printed = print(&tree);
    let reread = match tree {
        Tree::Expression(_) => {
            let parsed = parse_expression(&printed);
            assert!(!parsed.has_errors(), "{printed}\n{:?}", parsed.diagnostics);
            Tree::Expression(parsed.tree)
        }
        Tree::Block(_) => {
            let parsed = parse_block(&printed);
            assert!(!parsed.has_errors(), "{printed}\n{:?}", parsed.diagnostics);
            Tree::Block(parsed.tree)
        }
    };
    let (Some(_), Some(_)) = (strip_block_span(&tree), strip_block_span(&reread)) else { return };
    assert_eq!(shape(&reread), shape(&tree), "printed: {printed}");
}

fn strip_block_span(tree: &Tree) -> Option<()> {
    matches!(tree, Tree::Expression(_) | Tree::Block(_)).then_some(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_survived(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_pieces_are_survived(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40),
        gaps in prop::collection::vec(any::<bool>(), 40),
    ) {
        let mut text = String::new();
        for (piece, gap) in pieces.iter().zip(gaps) {
            text.push_str(piece);
            text.push_str(if gap { " " } else { "" });
        }
        check(&text);
    }
}
