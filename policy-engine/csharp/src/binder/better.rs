//! Which of the candidates that apply is better (C# specification 12.6.4.3 to 12.6.4.7).
use std::cmp::Ordering;

use dotnet::Type;

use super::Binder;
use super::calls::Arg;
use super::lambda::Inferred;
use super::overload::{Chosen, Source};
use super::tree::{Expr, Kind};

impl<'a> Binder<'a> {
    /// Index of the one candidate that is better than all others.
    pub(super) fn best(&mut self, usable: &[Chosen], args: &[Arg<'a>]) -> Option<usize> {
        if usable.len() == 1 {
            return Some(0);
        }
        (0..usable.len()).find(|i| {
            usable.get(*i).is_some_and(|a| {
                usable.iter().enumerate().all(|(j, b)| *i == j || self.better(a, b, args) == Ordering::Greater)
            })
        })
    }

    /// `Greater` when `a` is the better function member.
    fn better(&mut self, a: &Chosen, b: &Chosen, args: &[Arg<'a>]) -> Ordering {
        let (mut a_wins, mut b_wins, mut same) = (false, false, true);
        for (i, arg) in args.iter().enumerate() {
            let (Some(x), Some(y)) = (param_type(a, i), param_type(b, i)) else { continue };
            if x == y {
                continue;
            }
            same = false;
            match self.better_conversion(&arg.expr, &x, &y) {
                Ordering::Greater => a_wins = true,
                Ordering::Less => b_wins = true,
                Ordering::Equal => {}
            }
        }
        match (a_wins, b_wins) {
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            (true, true) => return Ordering::Equal,
            (false, false) => {}
        }
        let defaults = |c: &Chosen| c.sources.iter().filter(|s| **s == Source::Default).count();
        if !same && !self.equivalent(a, b, args) {
            // Roslyn lets this rule decide even between unrelated parameter types.
            return (defaults(b) > 0).cmp(&(defaults(a) > 0));
        }
        let generic = |c: &Chosen| !c.type_args.is_empty();
        generic(b)
            .cmp(&generic(a))
            .then(b.expanded.cmp(&a.expanded))
            .then(if a.expanded && b.expanded { a.params.len().cmp(&b.params.len()) } else { Ordering::Equal })
            .then((defaults(b) > 0).cmp(&(defaults(a) > 0)))
            .then(defaults(b).cmp(&defaults(a)))
            .then_with(|| specificity(a, b))
    }

    /// Parameter types that no argument tells apart although they are written differently count as the same.
    fn equivalent(&mut self, a: &Chosen, b: &Chosen, args: &[Arg<'a>]) -> bool {
        args.iter().enumerate().all(|(i, _)| match (param_type(a, i), param_type(b, i)) {
            (Some(x), Some(y)) => self.standard_implicit(&x, &y).is_some() && self.standard_implicit(&y, &x).is_some(),
            _ => true,
        })
    }

    /// Better conversion from an expression (12.6.4.5).
    pub(crate) fn better_conversion(&mut self, e: &Expr<'a>, a: &Type, b: &Type) -> Ordering {
        if a == b {
            return Ordering::Equal;
        }
        if let Kind::UntypedLambda(lambda) = &e.kind {
            return self.better_lambda(lambda, a, b);
        }
        if matches!(e.kind, Kind::MethodGroup(_) | Kind::LocalFunction { .. }) {
            return self.better_group(e, a, b);
        }
        if e.ty != Type::Null && e.ty != Type::Error {
            match (e.ty == *a, e.ty == *b) {
                (true, false) => return Ordering::Greater,
                (false, true) => return Ordering::Less,
                _ => {}
            }
        }
        self.better_target(a, b)
    }

    fn better_lambda(&mut self, lambda: &'a crate::ast::Lambda, a: &Type, b: &Type) -> Ordering {
        let (Some((_, pa, ra)), Some((_, pb, rb))) = (self.invoke_of(a), self.invoke_of(b)) else {
            return self.better_target(a, b);
        };
        if pa != pb {
            return Ordering::Equal;
        }
        match (ra == Type::Void, rb == Type::Void) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            _ => {}
        }
        if let Inferred::Type(t) = &self.look_at(lambda, &pa, None).inferred {
            match (*t == ra, *t == rb) {
                (true, false) => return Ordering::Greater,
                (false, true) => return Ordering::Less,
                _ => {}
            }
        }
        self.better_target(&ra, &rb)
    }

    fn better_group(&mut self, e: &Expr<'a>, a: &Type, b: &Type) -> Ordering {
        let (Some((_, pa, ra)), Some((_, pb, rb))) = (self.invoke_of(a), self.invoke_of(b)) else {
            return self.better_target(a, b);
        };
        if pa != pb {
            return Ordering::Equal;
        }
        match self.group_result(e, &pa) {
            Some(t) if t == ra && t != rb => Ordering::Greater,
            Some(t) if t == rb && t != ra => Ordering::Less,
            _ => self.better_target(&ra, &rb),
        }
    }

    /// Better conversion target (12.6.4.7).
    pub(crate) fn better_target(&self, a: &Type, b: &Type) -> Ordering {
        let to_b = self.implicit_type(a, b).is_some();
        let to_a = self.implicit_type(b, a).is_some();
        match (to_b, to_a) {
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            _ => {}
        }
        let strip = |t: &Type| t.nullable_of().unwrap_or(t).clone();
        let (x, y) = (strip(a), strip(b));
        let signed = |t: &Type| matches!(*t, Type::SBYTE | Type::SHORT | Type::INT | Type::LONG);
        let unsigned = |t: &Type| matches!(*t, Type::BYTE | Type::USHORT | Type::UINT | Type::ULONG);
        if signed(&x) && unsigned(&y) {
            return Ordering::Greater;
        }
        if unsigned(&x) && signed(&y) {
            return Ordering::Less;
        }
        Ordering::Equal
    }
}

/// Type that argument `i` converts to.
fn param_type(c: &Chosen, i: usize) -> Option<Type> {
    for (p, s) in c.params.iter().zip(&c.sources) {
        match s {
            Source::Arg(n) if *n == i => return Some(p.ty.clone()),
            Source::Rest(list) if list.contains(&i) => return p.ty.item().cloned(),
            _ => {}
        }
    }
    None
}

/// The more specific of two declarations: fewer open parameters at the same places.
fn specificity(a: &Chosen, b: &Chosen) -> Ordering {
    let mut result = Ordering::Equal;
    for (x, y) in a.member.params.iter().zip(&b.member.params) {
        let one = more_specific(&x.ty, &y.ty);
        if one != Ordering::Equal {
            if result != Ordering::Equal && result != one {
                return Ordering::Equal;
            }
            result = one;
        }
    }
    result
}

fn more_specific(a: &Type, b: &Type) -> Ordering {
    match (a, b) {
        (Type::Param(..), Type::Param(..)) => Ordering::Equal,
        (Type::Param(..), _) => Ordering::Less,
        (_, Type::Param(..)) => Ordering::Greater,
        (Type::Array(x), Type::Array(y)) => more_specific(x, y),
        (Type::Generic(i, x), Type::Generic(j, y)) if i == j => x
            .iter()
            .zip(y.iter())
            .map(|(a, b)| more_specific(a, b))
            .find(|o| *o != Ordering::Equal)
            .unwrap_or(Ordering::Equal),
        _ => Ordering::Equal,
    }
}
