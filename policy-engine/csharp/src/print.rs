//! Tree to C# text. What a tree without errors prints reads back as the same tree (spans apart); used by tests and by whoever shows code.
mod expression;
mod literal;
mod pattern;
mod statement;
mod types;

use crate::ast::{Block, Expr, Ident};
use crate::token::TokenKind;

/// The expression as C# on one line (blocks of lambdas apart).
pub fn expression(expr: &Expr) -> String {
    let mut printer = Printer::default();
    printer.expr(expr);
    printer.out
}

/// The statements of a block, one a line, without the braces around them.
pub fn block(block: &Block) -> String {
    let mut printer = Printer::default();
    for statement in &block.statements {
        printer.statement(statement);
    }
    printer.out
}

#[derive(Default)]
struct Printer {
    out: String,
    indent: usize,
}

impl Printer {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Items with `, ` between them.
    fn list<T>(&mut self, items: &[T], mut one: impl FnMut(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.put(", ");
            }
            one(self, item);
        }
    }

    /// Words that some place treats as keywords get an `@`, which is always allowed.
    fn ident(&mut self, ident: &Ident) {
        const CONTEXTUAL: &[&str] = &[
            "and",
            "ascending",
            "async",
            "await",
            "by",
            "descending",
            "equals",
            "from",
            "group",
            "into",
            "join",
            "let",
            "not",
            "on",
            "or",
            "orderby",
            "record",
            "scoped",
            "select",
            "var",
            "when",
            "where",
            "with",
            "yield",
            "notnull",
            "unmanaged",
        ];
        if TokenKind::keyword(&ident.name).is_some() || CONTEXTUAL.contains(&&*ident.name) {
            self.put("@");
        }
        self.put(&ident.name);
    }

    fn line_start(&mut self) {
        for _ in 0..self.indent {
            self.put("    ");
        }
    }
}
