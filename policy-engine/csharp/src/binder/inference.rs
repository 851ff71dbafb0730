//! Type inference of generic methods (C# specification 12.6.3): bounds from arguments, then lambdas in the order of their dependencies.
use dotnet::{Owner, Type, ids};

use super::Binder;
use super::calls::Arg;
use super::lambda::Inferred;
use super::tree::{Expr, Kind};
use crate::ast::Passing;
use crate::typing;

/// Bounds of one type parameter.
#[derive(Clone, Default, Debug)]
struct Variable {
    exact: Vec<Type>,
    lower: Vec<Type>,
    upper: Vec<Type>,
    fixed: Option<Type>,
}

impl Variable {
    fn has_bounds(&self) -> bool {
        !(self.exact.is_empty() && self.lower.is_empty() && self.upper.is_empty())
    }
}

/// The method's type parameters on the way to being known.
struct Inference {
    vars: Vec<Variable>,
}

/// A parameter of the method being inferred that is not fixed yet.
fn variable(ty: &Type) -> Option<usize> {
    match ty {
        Type::Param(Owner::Method, n) => Some(usize::from(*n)),
        _ => None,
    }
}

impl Inference {
    fn known(&self) -> Vec<Type> {
        let open = |n: usize| Type::Param(Owner::Method, u16::try_from(n).unwrap_or(u16::MAX));
        self.vars.iter().enumerate().map(|(n, v)| v.fixed.clone().unwrap_or_else(|| open(n))).collect()
    }

    fn add(&mut self, n: usize, ty: &Type, kind: Bound) {
        if matches!(ty, Type::Null | Type::Void) {
            return;
        }
        let Some(var) = self.vars.get_mut(n) else { return };
        if var.fixed.is_some() {
            return;
        }
        let list = match kind {
            Bound::Exact => &mut var.exact,
            Bound::Lower => &mut var.lower,
            Bound::Upper => &mut var.upper,
        };
        if !list.contains(ty) {
            list.push(ty.clone());
        }
    }

    /// Unfixed variables that occur in a type.
    fn unfixed_in(&self, ty: &Type) -> Vec<usize> {
        let mut found = Vec::new();
        collect(ty, &mut found);
        found.retain(|n| self.vars.get(*n).is_some_and(|v| v.fixed.is_none()));
        found
    }
}

fn collect(ty: &Type, found: &mut Vec<usize>) {
    match ty {
        Type::Param(Owner::Method, n) => found.push(usize::from(*n)),
        Type::Generic(_, args) => args.iter().for_each(|t| collect(t, found)),
        Type::Array(t) => collect(t, found),
        Type::Tuple(t) => t.items.iter().for_each(|t| collect(t, found)),
        _ => {}
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    Exact,
    Lower,
    Upper,
}

impl<'a> Binder<'a> {
    /// Type arguments of a method with `count` type parameters, called with these arguments for these parameter types.
    pub(crate) fn infer(&mut self, count: usize, pairs: &[(&Arg<'a>, Type)]) -> Option<Vec<Type>> {
        let mut inference = Inference { vars: vec![Variable::default(); count] };
        for (arg, param) in pairs {
            self.first_phase(&mut inference, arg, param);
        }
        let mut done = vec![false; pairs.len()];
        // Each round fixes a variable or reads a lambda, so rounds are bounded by their number.
        for _ in 0..=count.saturating_add(pairs.len()) {
            if inference.vars.iter().all(|v| v.fixed.is_some()) {
                return Some(inference.known());
            }
            let fixed = self.fix_some(&mut inference, pairs)?;
            let read = self.read_lambdas(&mut inference, pairs, &mut done);
            if !fixed && !read {
                return None;
            }
        }
        inference.vars.iter().all(|v| v.fixed.is_some()).then(|| inference.known())
    }

    fn first_phase(&mut self, inf: &mut Inference, arg: &Arg<'a>, param: &Type) {
        match &arg.expr.kind {
            Kind::UntypedLambda(lambda) => {
                if let (Some(types), Some((_, params, _))) = (self.explicit_params(lambda), self.invoke_of(param)) {
                    for (t, p) in types.iter().zip(&params) {
                        self.bound(inf, t, p, Bound::Exact);
                    }
                }
            }
            Kind::MethodGroup(_) | Kind::LocalFunction { .. } | Kind::NullLiteral | Kind::DefaultLiteral => {}
            Kind::Tuple(items) if arg.expr.ty == Type::Error => {
                if let Type::Tuple(t) = param {
                    for (i, p) in items.iter().zip(&t.items) {
                        self.bound(inf, &i.ty, p, Bound::Lower);
                    }
                }
            }
            _ if arg.out.is_some() => {}
            _ => {
                let kind = if arg.passing == Passing::Value { Bound::Lower } else { Bound::Exact };
                self.bound(inf, &arg.expr.ty, param, kind);
            }
        }
    }

    /// Delegate parameter types (inputs) and result (output) of an argument that is a lambda or a group.
    fn inputs_outputs(&self, e: &Expr<'a>, param: &Type) -> Option<(Vec<Type>, Type)> {
        if !matches!(e.kind, Kind::UntypedLambda(_) | Kind::MethodGroup(_) | Kind::LocalFunction { .. }) {
            return None;
        }
        let (_, params, ret) = self.invoke_of(param)?;
        Some((params, ret))
    }

    /// Fixes variables that depend on none (else those that others depend on). `None` when a variable cannot be fixed.
    fn fix_some(&mut self, inf: &mut Inference, pairs: &[(&Arg<'a>, Type)]) -> Option<bool> {
        let depends = |inf: &Inference, n: usize| -> bool {
            pairs.iter().any(|(arg, param)| {
                self.inputs_outputs(&arg.expr, param).is_some_and(|(inputs, output)| {
                    let implicit = Self::lambda_syntax(&arg.expr)
                        .is_none_or(|l| l.parameters.as_ref().is_some_and(|p| p.iter().any(|p| p.ty.is_none())));
                    implicit
                        && inf.unfixed_in(&output).contains(&n)
                        && inputs.iter().any(|t| inf.unfixed_in(t).iter().any(|m| *m != n))
                })
            })
        };
        let open: Vec<usize> =
            (0..inf.vars.len()).filter(|n| inf.vars.get(*n).is_some_and(|v| v.fixed.is_none())).collect();
        let bounded = |n: &usize| inf.vars.get(*n).is_some_and(Variable::has_bounds);
        let mut ready: Vec<usize> = open.iter().copied().filter(|n| bounded(n) && !depends(inf, *n)).collect();
        if ready.is_empty() {
            ready = open.iter().copied().filter(bounded).collect();
            let wanted = |n: usize| {
                pairs.iter().any(|(arg, param)| {
                    self.inputs_outputs(&arg.expr, param)
                        .is_some_and(|(inputs, _)| inputs.iter().any(|t| inf.unfixed_in(t).contains(&n)))
                })
            };
            ready.retain(|n| wanted(*n));
        }
        for n in &ready {
            let var = inf.vars.get(*n)?.clone();
            let ty = self.fix(&var)?;
            if let Some(var) = inf.vars.get_mut(*n) {
                var.fixed = Some(ty);
            }
        }
        Some(!ready.is_empty())
    }

    /// Output type inference for lambdas whose inputs are known.
    fn read_lambdas(&mut self, inf: &mut Inference, pairs: &[(&Arg<'a>, Type)], done: &mut [bool]) -> bool {
        let mut progress = false;
        for ((arg, param), done) in pairs.iter().zip(done) {
            if *done {
                continue;
            }
            let Some((inputs, output)) = self.inputs_outputs(&arg.expr, param) else { continue };
            if inf.unfixed_in(&output).is_empty() || inputs.iter().any(|t| !inf.unfixed_in(t).is_empty()) {
                continue;
            }
            *done = true;
            progress = true;
            let known = inf.known();
            let inputs: Vec<Type> = inputs.iter().map(|t| t.substitute(&[], &known)).collect();
            let found = match &arg.expr.kind {
                Kind::UntypedLambda(lambda) if lambda.parameters.as_ref().is_none_or(|p| p.len() == inputs.len()) => {
                    let look = self.look_at(lambda, &inputs, None);
                    match &look.inferred {
                        _ if look.has_errors() => Some(Type::Error),
                        Inferred::Type(t) => Some(t.clone()),
                        Inferred::Void | Inferred::Untyped => None,
                    }
                }
                Kind::UntypedLambda(_) => None,
                _ => self.group_result(&arg.expr, &inputs),
            };
            if let Some(ty) = found {
                self.bound(inf, &ty, &output, Bound::Lower);
            }
        }
        progress
    }

    fn bound(&mut self, inf: &mut Inference, from: &Type, to: &Type, kind: Bound) {
        if let Some(n) = variable(to) {
            inf.add(n, from, kind);
            return;
        }
        if !to.is_open() {
            return;
        }
        if *from == Type::Error {
            let mut all = Vec::new();
            collect(to, &mut all);
            all.into_iter().for_each(|n| inf.add(n, from, Bound::Lower));
            return;
        }
        match (from, to) {
            (_, Type::Generic(ids::NULLABLE, args)) => {
                if let (Some(inner), Some(target)) = (from.nullable_of(), args.first()) {
                    self.bound(inf, inner, target, kind);
                } else if let (true, Some(target), true) =
                    (kind == Bound::Lower, args.first(), self.table.is_value_type(from))
                {
                    self.bound(inf, from, target, Bound::Lower);
                }
            }
            (Type::Array(a), Type::Array(b)) => {
                let inner = if typing::is_reference(self.table, a) { kind } else { Bound::Exact };
                self.bound(inf, a, b, inner);
            }
            (Type::Tuple(a), Type::Tuple(b)) if a.items.len() == b.items.len() => {
                for (x, y) in a.items.iter().zip(&b.items) {
                    self.bound(inf, x, y, kind);
                }
            }
            (_, Type::Generic(id, wanted)) => {
                let same = |t: &Type| t.id() == Some(*id);
                let found =
                    if kind == Bound::Exact { Some(from.clone()).filter(same) } else { self.construction(from, *id) };
                let Some(found) = found else { return };
                let covariant = self.table.get(*id).map(|d| d.covariant.clone()).unwrap_or_default();
                let is_delegate = self.is_delegate(to);
                for (i, (x, y)) in found.args().iter().zip(wanted.iter()).enumerate() {
                    let inner = match (kind, covariant.get(i).copied().unwrap_or(false)) {
                        (Bound::Exact, _) => Bound::Exact,
                        (_, true) if typing::is_reference(self.table, x) => kind,
                        (Bound::Lower, false) if is_delegate && typing::is_reference(self.table, x) => Bound::Upper,
                        _ => Bound::Exact,
                    };
                    self.bound(inf, x, y, inner);
                }
            }
            _ => {}
        }
    }

    /// The construction of definition `id` that a type is or inherits, if there is just one.
    pub(crate) fn construction(&self, ty: &Type, id: dotnet::TypeId) -> Option<Type> {
        let mut at = Some(ty.clone());
        while let Some(t) = at {
            if t.id() == Some(id) {
                return Some(t);
            }
            at = self.table.base_of(&t);
        }
        let mut found: Vec<Type> = self.table.interfaces_of(ty).into_iter().filter(|i| i.id() == Some(id)).collect();
        found.dedup();
        match found.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        }
    }

    fn fix(&self, var: &Variable) -> Option<Type> {
        let all = || var.exact.iter().chain(&var.lower).chain(&var.upper);
        if all().any(|t| *t == Type::Error) {
            return Some(Type::Error);
        }
        let converts = |a: &Type, b: &Type| a == b || self.standard_implicit(a, b).is_some();
        let mut candidates: Vec<&Type> = all().collect();
        candidates.retain(|c| {
            var.exact.iter().all(|t| t == *c)
                && var.lower.iter().all(|t| converts(t, c))
                && var.upper.iter().all(|t| converts(c, t))
        });
        let best = candidates.iter().find(|c| candidates.iter().all(|d| converts(d, c)));
        best.map(|t| (*t).clone())
    }
}
