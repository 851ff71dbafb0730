//! What to say when no candidate of a call applies: each has its reason, and the most telling one is reported.
use std::sync::Arc;

use dotnet::{Member, MemberKind, Mode, Type};

use super::calls::Arg;
use super::tree::{Expr, Kind};
use super::{Binder, codes};
use crate::ast::{LambdaBody, Passing};
use crate::diagnostic::Diagnostic;
use crate::span::Span;

/// Why a candidate does not apply; the order is the order in which reasons are worth telling.
pub(super) enum Failure {
    Count,
    /// So many type arguments are wanted.
    Arity(usize),
    Name(usize),
    /// A named argument for a parameter that has one already.
    Twice(usize),
    Missing(Arc<str>),
    Infer,
    Passing {
        arg: usize,
        wanted: Mode,
    },
    Type {
        arg: usize,
        wanted: Type,
    },
    /// What the receiver is a sequence of does not go with an argument.
    Receiver {
        arg: usize,
        wanted: Type,
    },
    Inside(Vec<Diagnostic>),
}

impl Failure {
    pub(super) fn rank(&self) -> u8 {
        match self {
            Failure::Count => 0,
            Failure::Name(_) | Failure::Twice(_) => 1,
            Failure::Missing(_) => 2,
            Failure::Infer | Failure::Arity(_) => 3,
            Failure::Passing { .. } => 4,
            Failure::Type { .. } | Failure::Receiver { .. } => 5,
            Failure::Inside(_) => 6,
        }
    }
}

impl<'a> Binder<'a> {
    pub(super) fn report_failures(
        &mut self,
        failures: Vec<(Arc<Member>, Failure)>,
        args: &[Arg<'a>],
        name: &Arc<str>,
        span: Span,
    ) {
        let several = failures.len() > 1;
        // The first of the most telling ones; `max_by_key` would take the last.
        let mut worst: Option<(Arc<Member>, Failure)> = None;
        for f in failures {
            if worst.as_ref().is_none_or(|w| f.1.rank() > w.1.rank()) {
                worst = Some(f);
            }
        }
        let Some((member, failure)) = worst else {
            self.error(codes::ARGUMENT_COUNT, span, format!("no overload of `{name}` takes {} arguments", args.len()));
            return;
        };
        let is_extension = member.kind == MemberKind::Extension;
        let given = args.len().saturating_sub(usize::from(is_extension));
        let at = |i: usize| args.get(i).map_or(span, |a| a.span);
        match failure {
            Failure::Count | Failure::Missing(_) if several => {
                let code = if member.kind == MemberKind::Constructor {
                    codes::CONSTRUCTOR_COUNT
                } else {
                    codes::ARGUMENT_COUNT
                };
                self.error(code, span, format!("no overload of `{name}` takes {given} arguments"));
            }
            Failure::Count => {
                let code = if member.kind == MemberKind::Constructor {
                    codes::CONSTRUCTOR_COUNT
                } else {
                    codes::ARGUMENT_COUNT
                };
                let d = Self::finding(code, span, format!("`{name}` does not take {given} arguments"));
                self.report(d.help(format!("its signature is `{}`", member.text)));
            }
            Failure::Arity(wanted) => {
                let text = match wanted {
                    0 => format!("`{name}` takes no type arguments"),
                    1 => format!("`{name}` takes one type argument"),
                    _ => format!("`{name}` takes {wanted} type arguments"),
                };
                let code = if wanted == 0 { codes::NOT_GENERIC } else { codes::TYPE_ARGUMENT_COUNT };
                let d = Self::finding(code, span, text);
                self.report(d.help(format!("its signature is `{}`", member.text)));
            }
            Failure::Missing(param) => {
                let text = format!("the argument for parameter `{param}` of `{name}` is missing");
                let d = Self::finding(codes::ARGUMENT_MISSING, span, text);
                self.report(d.help(format!("its signature is `{}`", member.text)));
            }
            Failure::Name(i) => {
                let wrong = args.get(i).and_then(|a| a.name.as_ref()).map(|n| n.name.clone()).unwrap_or_default();
                self.error(codes::ARGUMENT_NAME, at(i), format!("`{name}` has no parameter named `{wrong}`"));
            }
            Failure::Twice(i) => {
                let wrong = args.get(i).and_then(|a| a.name.as_ref()).map(|n| n.name.clone()).unwrap_or_default();
                let text = format!("parameter `{wrong}` of `{name}` already has an argument by its place");
                self.error(codes::ARGUMENT_TWICE, at(i), text);
            }
            Failure::Infer if let Some(source) = inner_source(args, name) => {
                let text = "the `from` inside of a query runs over no sequence";
                self.error(codes::NO_INNER_SOURCE, source, text);
            }
            Failure::Infer => {
                let text =
                    format!("the type arguments of `{name}` cannot be inferred: write them, as in `{name}<...>(...)`");
                self.error(codes::CANNOT_INFER, span, text);
            }
            Failure::Passing { arg, wanted } => match wanted {
                Mode::In => self.error(codes::EXTRA_PASSING, at(arg), "this argument takes no `ref` or `out`"),
                Mode::Out => self.error(codes::ARGUMENT_PASSING, at(arg), "this argument must be passed with `out`"),
                Mode::Ref => self.error(codes::ARGUMENT_PASSING, at(arg), "this argument must be passed with `ref`"),
            },
            Failure::Type { arg, wanted } => {
                let from = args.get(arg).map(|a| describe(&a.expr)).unwrap_or_default();
                if is_extension && arg == 0 {
                    self.error(codes::NO_MEMBER, span, format!("{from} has no member `{name}`"));
                    return;
                }
                let text = format!(
                    "argument {}: {from} does not convert to `{wanted}`",
                    arg.saturating_add(usize::from(!is_extension))
                );
                let mut d = Self::finding(codes::ARGUMENT_TYPE, at(arg), text);
                d.help = match args.get(arg) {
                    Some(a) if a.passing == Passing::Out => {
                        Some(format!("the variable must be of type `{wanted}`: write `out var ...`"))
                    }
                    Some(a) => super::hints::conversion(&a.expr.ty, &wanted),
                    None => None,
                };
                self.report(d);
            }
            Failure::Receiver { arg, wanted } => {
                let from = args.get(arg).map(|a| describe(&a.expr)).unwrap_or_default();
                let text = format!("argument {arg}: {from} does not convert to `{wanted}`, of which the items are");
                let mut d = Self::finding(codes::RECEIVER_TYPE, at(arg), text);
                if &**name == "Contains" {
                    d = d.help("an item is found by a condition with `Any(x => ...)`");
                }
                self.report(d);
            }
            Failure::Inside(findings) => self.diagnostics.extend(findings),
        }
    }
}

fn describe(e: &Expr<'_>) -> String {
    match &e.kind {
        Kind::UntypedLambda(_) => "a lambda".into(),
        Kind::MethodGroup(g) => format!("method `{}`", g.name),
        Kind::LocalFunction { .. } => "a function".into(),
        Kind::NullLiteral => "`null`".into(),
        _ => format!("`{}`", e.ty),
    }
}

/// What the second `from` of a query runs over. Lambdas that queries are rewritten to are as long as their bodies.
fn inner_source(args: &[Arg<'_>], name: &str) -> Option<Span> {
    let collection = args.get(1).filter(|_| name == "SelectMany")?;
    let Kind::UntypedLambda(lambda) = &collection.expr.kind else { return None };
    matches!(&lambda.body, LambdaBody::Expr(body) if body.span == collection.expr.span).then_some(collection.expr.span)
}
