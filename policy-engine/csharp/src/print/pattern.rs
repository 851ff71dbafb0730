//! Patterns.
use super::Printer;
use crate::ast::{Designation, Pattern, PatternKind, RecursivePattern, RelationalOp};

impl Printer {
    pub(super) fn pattern(&mut self, pattern: &Pattern) {
        match &pattern.kind {
            PatternKind::Error => {}
            PatternKind::Discard => self.put("_"),
            PatternKind::Constant(value) => {
                // A plain `_` would be a discard; so too below.
                self.put(if value.as_name().is_some_and(|name| &**name == "_") { "@" } else { "" });
                self.expr(value);
            }
            PatternKind::Type(ty) => self.ty(ty),
            PatternKind::Declaration { ty, designation } => {
                self.ty(ty);
                self.put(" ");
                self.designation(designation);
            }
            PatternKind::Var(designation) => {
                self.put("var ");
                self.designation(designation);
            }
            PatternKind::Relational { op, value } => {
                self.put(relational(*op));
                self.expr(value);
            }
            PatternKind::And(left, right) => self.joined(left, " and ", right),
            PatternKind::Or(left, right) => self.joined(left, " or ", right),
            PatternKind::Not(inner) => {
                self.put("not ");
                self.pattern(inner);
            }
            PatternKind::Paren(inner) => {
                self.put("(");
                self.pattern(inner);
                self.put(")");
            }
            PatternKind::Recursive(recursive) => self.recursive(recursive),
            PatternKind::List { elements, designation } => {
                self.put("[");
                self.list(elements, Self::pattern);
                self.put("]");
                self.trailing_designation(designation.as_ref());
            }
            PatternKind::Slice(inner) => {
                self.put("..");
                if let Some(inner) = inner {
                    self.put(" ");
                    self.pattern(inner);
                }
            }
        }
    }

    fn joined(&mut self, left: &Pattern, word: &str, right: &Pattern) {
        self.pattern(left);
        self.put(word);
        self.pattern(right);
    }

    fn recursive(&mut self, pattern: &RecursivePattern) {
        if let Some(ty) = &pattern.ty {
            self.ty(ty);
            self.put(" ");
        }
        if let Some(positional) = &pattern.positional {
            self.put("(");
            self.list(positional, |p, element| {
                if let Some(name) = &element.name {
                    p.ident(name);
                    p.put(": ");
                }
                p.pattern(&element.pattern);
            });
            self.put(")");
        }
        if let Some(properties) = &pattern.properties {
            self.put(" { ");
            self.list(properties, |p, property| {
                for (index, name) in property.path.iter().enumerate() {
                    if index > 0 {
                        p.put(".");
                    }
                    p.ident(name);
                }
                p.put(": ");
                p.pattern(&property.pattern);
            });
            self.put(" }");
        }
        self.trailing_designation(pattern.designation.as_ref());
    }

    fn trailing_designation(&mut self, designation: Option<&Designation>) {
        if let Some(designation) = designation {
            self.put(" ");
            self.designation(designation);
        }
    }

    pub(super) fn designation(&mut self, designation: &Designation) {
        match designation {
            Designation::Name(name) => {
                self.put(if &*name.name == "_" { "@" } else { "" });
                self.ident(name);
            }
            Designation::Discard(_) => self.put("_"),
            Designation::Tuple { elements, .. } => {
                self.put("(");
                self.list(elements, Self::designation);
                self.put(")");
            }
        }
    }
}

const fn relational(op: RelationalOp) -> &'static str {
    match op {
        RelationalOp::Less => "< ",
        RelationalOp::LessOrEqual => "<= ",
        RelationalOp::Greater => "> ",
        RelationalOp::GreaterOrEqual => ">= ",
    }
}
