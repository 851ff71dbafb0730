//! Switch statements and switch expressions.
use dotnet::{Type, Value};

use super::tree::{Arm, Expr, Kind, Pattern, Section, Stmt, StmtKind, Switch, SwitchStmt};
use super::{Binder, codes};
use crate::ast::{self, SwitchExpr, SwitchLabelKind};
use crate::span::Span;

impl<'a> Binder<'a> {
    pub(crate) fn switch_expr(&mut self, s: &'a SwitchExpr, span: Span) -> Expr<'a> {
        let value = self.expr(&s.value);
        let mut value = self.value(value);
        if value.is_null_literal() {
            value = self.convert(value, &Type::OBJECT);
        }
        let ty = value.ty.clone();
        let local = self.temporary(ty.clone(), s.value.span);
        let (mut arms, mut failed) = (Vec::new(), value.is_error());
        for arm in &s.arms {
            let ((pattern, guard, result), locals) = self.scoped(|b| {
                let pattern = b.pattern(&arm.pattern, local, &ty, true);
                let guard = arm.guard.as_ref().map(|g| b.bool_condition(g));
                (pattern, guard, b.expr(&arm.value))
            });
            failed |=
                result.is_error() || matches!(pattern, Pattern::Error) || guard.as_ref().is_some_and(Expr::is_error);
            arms.push(Arm { pattern, guard, value: result, locals });
        }
        if failed {
            return Expr::error(span);
        }
        if arms.is_empty() {
            self.error(codes::SWITCH_EXPRESSION_EMPTY, span, "a switch expression needs an arm");
            return Expr::error(span);
        }
        let values: Vec<Expr<'a>> = arms.iter().map(|a| a.value.clone()).collect();
        match self.best_type(&values) {
            None => {
                let switch = Switch { value, local, arms };
                Expr::new(Kind::UntypedSwitch(Box::new(switch)), Type::Null, span)
            }
            Some(ty) => {
                let arms = arms.into_iter().map(|a| Arm { value: self.convert(a.value, &ty), ..a }).collect();
                Expr::new(Kind::Switch(Box::new(Switch { value, local, arms })), ty, span)
            }
        }
    }

    pub(crate) fn switch_stmt(&mut self, s: &'a ast::SwitchStmt, span: Span) -> Stmt<'a> {
        let value = self.expr(&s.value);
        let value = self.value(value);
        let ty = value.ty.clone();
        let (mut sections, locals) = {
            self.push_scope();
            let local = self.temporary(ty.clone(), s.value.span);
            let outer = self.flow.enter_switch();
            let sections = self.sections(s, local, &ty);
            self.flow.leave_switch(outer);
            (sections, (local, self.pop_scope()))
        };
        let (local, mut locals) = locals;
        locals.extend(std::mem::take(&mut sections.2));
        let total = |s: &Section<'a>| s.labels.iter().any(|(p, guard)| guard.is_none() && self.always(p, &ty));
        let constants: Vec<&Value> = sections
            .0
            .iter()
            .flat_map(|s| &s.labels)
            .filter(|(_, g)| g.is_none())
            .filter_map(|(p, _)| if let Pattern::Constant(v) = p { Some(v) } else { None })
            .collect();
        let both = ty == Type::BOOL
            && [true, false].iter().all(|b| constants.iter().any(|v| matches!(v, Value::Bool(c) if c == b)));
        let exhaustive = sections.1.is_some() || both || sections.0.iter().any(total);
        let kind = StmtKind::Switch(Box::new(SwitchStmt {
            value,
            local,
            sections: sections.0,
            default: sections.1,
            locals,
            exhaustive,
        }));
        Stmt::new(kind, span)
    }

    /// Does the pattern match every value of the type?
    fn always(&self, p: &Pattern<'a>, ty: &Type) -> bool {
        match p {
            Pattern::Any | Pattern::Bind(_) => true,
            Pattern::Type(t) => t == ty && self.table.is_value_type(ty),
            Pattern::And(list) => list.iter().all(|p| self.always(p, ty)),
            Pattern::Part { pattern, .. } => self.always(pattern, ty),
            Pattern::Or(a, b) => self.always(a, ty) || self.always(b, ty),
            _ => false,
        }
    }

    fn sections(
        &mut self,
        s: &'a ast::SwitchStmt,
        local: usize,
        ty: &Type,
    ) -> (Vec<Section<'a>>, Option<usize>, Vec<usize>) {
        // Labels first: `goto case` may name a later section.
        let (mut labels, mut default, mut seen) = (Vec::new(), None, Vec::<Value>::new());
        let mut taken = Vec::<Type>::new();
        let mut scopes = Vec::new();
        for (n, section) in s.sections.iter().enumerate() {
            self.push_scope();
            let mut own = Vec::new();
            for label in &section.labels {
                match &label.kind {
                    SwitchLabelKind::Default => {
                        if default.is_some() {
                            self.error(codes::DUPLICATE_DEFAULT, label.span, "`default` stands twice in this `switch`");
                        }
                        default = Some(n);
                    }
                    SwitchLabelKind::Case { pattern, guard } => {
                        let bound = self.pattern(pattern, local, ty, true);
                        let guard = guard.as_ref().map(|g| self.bool_condition(g));
                        let tested = tested_type(&bound, ty);
                        if tested
                            .as_ref()
                            .is_some_and(|t| taken.iter().any(|b| crate::typing::is_subtype(self.table, t, b)))
                        {
                            self.error(
                                codes::SUBSUMED_CASE,
                                label.span,
                                "an earlier `case` already takes all of these values",
                            );
                        }
                        if guard.is_none() && !matches!(bound, Pattern::Constant(_)) {
                            taken.extend(tested);
                        }
                        let constant = match &bound {
                            Pattern::Constant(v) => Some(v.clone()),
                            Pattern::Null => Some(Value::Null),
                            _ => None,
                        };
                        if let (Some(v), None) = (constant, &guard) {
                            if seen.iter().any(|w| dotnet::object::equals(w, &v)) {
                                self.error(
                                    codes::DUPLICATE_CASE,
                                    label.span,
                                    "this `case` stands twice in the `switch`",
                                );
                            }
                            self.flow.case_label(&v, n);
                            seen.push(v);
                        }
                        own.push((bound, guard));
                    }
                }
            }
            labels.push(own);
            scopes.push(self.take_scope());
        }
        self.flow.default_label(default);
        let (mut sections, mut locals) = (Vec::new(), Vec::new());
        for ((section, labels), scope) in s.sections.iter().zip(labels).zip(scopes) {
            self.push_existing(scope);
            let body = self.statements(&section.body);
            locals.extend(self.pop_scope());
            sections.push(Section { labels, body, span: section.span });
        }
        (sections, default, locals)
    }
}

/// The type whose values a label takes: all of them for a type pattern, one for a constant.
fn tested_type(p: &Pattern<'_>, ty: &Type) -> Option<Type> {
    match p {
        Pattern::Type(t) => Some(t.clone()),
        Pattern::Constant(v) => Some(v.net_type()),
        Pattern::And(list) => match list.as_slice() {
            [first, Pattern::Part { pattern, .. }] if matches!(**pattern, Pattern::Bind(_)) => tested_type(first, ty),
            _ => None,
        },
        Pattern::Part { pattern, .. } if matches!(**pattern, Pattern::Bind(_)) => Some(ty.clone()),
        _ => None,
    }
}
