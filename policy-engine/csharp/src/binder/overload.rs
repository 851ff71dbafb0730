//! Overload resolution (C# specification 12.6.4): which candidates apply to the arguments, which of them is better, and what to say if none is.
use std::cmp::Ordering;
use std::sync::Arc;

use dotnet::{Member, MemberKind, Mode, Parameter, Type};

use super::calls::Arg;
use super::lambda::Inferred;
use super::members::Level;
use super::tree::{Expr, Kind};
use super::{Binder, codes};
use crate::ast::Passing;
use crate::diagnostic::Diagnostic;
use crate::span::Span;

/// Where a parameter's value comes from.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Source {
    Arg(usize),
    Default,
    /// Elements of a `params` array.
    Rest(Vec<usize>),
}

/// A candidate that applies.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) member: Arc<Member>,
    pub(crate) owner: Type,
    pub(crate) type_args: Vec<Type>,
    /// Parameters with all type arguments put in.
    pub(crate) params: Vec<Parameter>,
    pub(crate) ret: Type,
    pub(crate) sources: Vec<Source>,
    pub(crate) expanded: bool,
}

/// Why a candidate does not apply; the order is the order in which reasons are worth telling.
enum Failure {
    Count,
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
    Inside(Vec<Diagnostic>),
}

impl Failure {
    fn rank(&self) -> u8 {
        match self {
            Failure::Count => 0,
            Failure::Name(_) | Failure::Twice(_) => 1,
            Failure::Missing(_) => 2,
            Failure::Infer => 3,
            Failure::Passing { .. } => 4,
            Failure::Type { .. } => 5,
            Failure::Inside(_) => 6,
        }
    }
}

impl<'a> Binder<'a> {
    /// Chooses among the members of the nearest level that has an applicable one. Reports when there is none.
    pub(crate) fn resolve_levels(
        &mut self,
        levels: Vec<Level>,
        args: &[Arg<'a>],
        type_args: Option<&[Type]>,
        name: &Arc<str>,
        span: Span,
    ) -> Option<Chosen> {
        let mut failures = Vec::new();
        for level in levels {
            let candidates = level.members.into_iter().map(|m| (level.owner.clone(), m)).collect();
            match self.choose(candidates, args, type_args, name, span) {
                Ok(chosen) => return chosen,
                Err(mut f) => failures.append(&mut f),
            }
        }
        self.report_failures(failures, args, name, span);
        None
    }

    /// `Ok(None)` when an ambiguity was reported, `Err` with the reasons when none applies.
    fn choose(
        &mut self,
        candidates: Vec<(Type, Arc<Member>)>,
        args: &[Arg<'a>],
        type_args: Option<&[Type]>,
        name: &Arc<str>,
        span: Span,
    ) -> Result<Option<Chosen>, Vec<(Arc<Member>, Failure)>> {
        let (mut usable, mut failures) = (Vec::new(), Vec::new());
        for (owner, member) in candidates {
            match self.applies(&owner, &member, args, type_args) {
                Ok(chosen) => usable.push(chosen),
                Err(f) => failures.push((member, f)),
            }
        }
        if usable.is_empty() {
            return Err(failures);
        }
        match self.best(&usable, args) {
            Some(at) => Ok(usable.into_iter().nth(at)),
            None => {
                let mut shown = usable.iter().map(|c| format!("`{}`", c.member.text));
                let (a, b) = (shown.next().unwrap_or_default(), shown.next().unwrap_or_default());
                self.error(
                    codes::AMBIGUOUS_CALL,
                    span,
                    format!("the call of `{name}` is ambiguous between {a} and {b}"),
                );
                Ok(None)
            }
        }
    }

    /// Extension methods of that name; `args` begins with the receiver.
    pub(crate) fn resolve_extension(
        &mut self,
        args: &[Arg<'a>],
        type_args: Option<&[Type]>,
        name: &Arc<str>,
        span: Span,
    ) -> Result<Option<Chosen>, bool> {
        let candidates: Vec<(Type, Arc<Member>)> =
            self.table.extensions(name).iter().map(|(id, m)| (Type::Simple(*id), m.clone())).collect();
        if candidates.is_empty() {
            return Err(false);
        }
        match self.choose(candidates, args, type_args, name, span) {
            Ok(chosen) => Ok(chosen),
            Err(mut failures) => {
                // Candidates whose receiver does not fit say nothing about the other arguments.
                failures.retain(|(_, f)| !matches!(f, Failure::Type { arg: 0, .. }));
                let known = !failures.is_empty();
                if known {
                    self.report_failures(failures, args, name, span);
                }
                Err(known)
            }
        }
    }

    fn applies(
        &mut self,
        owner: &Type,
        member: &Arc<Member>,
        args: &[Arg<'a>],
        type_args: Option<&[Type]>,
    ) -> Result<Chosen, Failure> {
        let normal = map_args(&member.params, args, false).map(|s| (s, false));
        let is_params = member.params.last().is_some_and(|p| p.is_params);
        let first = match normal {
            Ok((sources, _)) => self.check(owner, member, args, type_args, sources, false),
            Err(f) => Err(f),
        };
        match first {
            Err(f) if is_params => {
                let sources = match map_args(&member.params, args, true) {
                    Ok(s) => s,
                    Err(g) => return Err(if f.rank() > g.rank() { f } else { g }),
                };
                self.check(owner, member, args, type_args, sources, true)
                    .map_err(|g| if f.rank() > g.rank() { f } else { g })
            }
            other => other,
        }
    }

    fn check(
        &mut self,
        owner: &Type,
        member: &Arc<Member>,
        args: &[Arg<'a>],
        type_args: Option<&[Type]>,
        sources: Vec<Source>,
        expanded: bool,
    ) -> Result<Chosen, Failure> {
        let of_type: Vec<Parameter> =
            member.params.iter().map(|p| Parameter { ty: p.ty.substitute(owner.args(), &[]), ..p.clone() }).collect();
        let count = member.type_params.len();
        let method_args = match type_args {
            Some(given) if given.len() == count => given.to_vec(),
            Some(_) => return Err(Failure::Count),
            None if count == 0 => Vec::new(),
            None => {
                let pairs = pair_up(&of_type, args, &sources);
                let known = self.infer(count, &pairs);
                match known {
                    Some(t) => t,
                    None => return Err(self.inference_failure(&pairs)),
                }
            }
        };
        let params: Vec<Parameter> =
            of_type.into_iter().map(|p| Parameter { ty: p.ty.substitute(&[], &method_args), ..p }).collect();
        let pairs = pair_up(&params, args, &sources);
        let modes = pair_modes(&params, &sources);
        for ((arg, ty), (at, mode)) in pairs.iter().zip(modes) {
            self.check_arg(arg, ty, at, mode)?;
        }
        let ret = member.ret.substitute(owner.args(), &method_args);
        Ok(Chosen {
            member: member.clone(),
            owner: owner.clone(),
            type_args: method_args,
            params,
            ret,
            sources,
            expanded,
        })
    }

    fn inference_failure(&mut self, pairs: &[(&Arg<'a>, Type)]) -> Failure {
        // A receiver that cannot be the first parameter explains more than the type arguments.
        if let Some((arg, ty)) = pairs.first()
            && let Some(id) = ty.id()
            && Self::lambda_syntax(&arg.expr).is_none()
            && !matches!(arg.expr.ty, Type::Null | Type::Error)
            && !self.is_delegate(ty)
            && ty.nullable_of().is_none()
            && self.construction(&arg.expr.ty, id).is_none()
            && ty.is_open()
        {
            return Failure::Type { arg: 0, wanted: ty.clone() };
        }
        Failure::Infer
    }

    fn check_arg(&mut self, arg: &Arg<'a>, ty: &Type, at: usize, mode: Mode) -> Result<(), Failure> {
        let fits_mode = match arg.passing {
            Passing::Value | Passing::In => mode == Mode::In,
            Passing::Ref => mode == Mode::Ref,
            Passing::Out => mode == Mode::Out,
        };
        if !fits_mode {
            return Err(Failure::Passing { arg: at, wanted: mode });
        }
        if mode != Mode::In {
            let same = arg.out.is_some() || arg.expr.ty == *ty || arg.expr.is_error() || *ty == Type::Error;
            return if same { Ok(()) } else { Err(Failure::Type { arg: at, wanted: ty.clone() }) };
        }
        if self.implicit_exists(&arg.expr, ty) {
            return Ok(());
        }
        if let Kind::UntypedLambda(lambda) = &arg.expr.kind {
            let inside = self.lambda_errors(lambda, ty);
            if !inside.is_empty() {
                return Err(Failure::Inside(inside));
            }
        }
        Err(Failure::Type { arg: at, wanted: ty.clone() })
    }

    // === which is better ===

    /// Index of the one candidate that is better than all others.
    fn best(&mut self, usable: &[Chosen], args: &[Arg<'a>]) -> Option<usize> {
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

    // === what to say ===

    fn report_failures(
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
                self.error(codes::ARGUMENT_TYPE, at(arg), text);
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

/// Which argument goes to which parameter.
fn map_args(params: &[Parameter], args: &[Arg<'_>], expanded: bool) -> Result<Vec<Source>, Failure> {
    let mut sources: Vec<Option<Source>> = vec![None; params.len()];
    let rest = if expanded { params.len().checked_sub(1) } else { None };
    let mut tail = Vec::new();
    for (i, arg) in args.iter().enumerate() {
        let at = match &arg.name {
            Some(n) => params.iter().position(|p| p.name == n.name).ok_or(Failure::Name(i))?,
            None => i,
        };
        if rest.is_some_and(|r| at >= r) && arg.name.is_none() {
            tail.push(i);
            continue;
        }
        match sources.get_mut(at) {
            Some(slot @ None) => *slot = Some(Source::Arg(i)),
            Some(Some(_)) if arg.name.is_some() => return Err(Failure::Twice(i)),
            Some(Some(_)) | None => return Err(Failure::Count),
        }
    }
    let mut out = Vec::new();
    for (n, (source, p)) in sources.into_iter().zip(params).enumerate() {
        out.push(match source {
            Some(s) => s,
            None if rest == Some(n) => Source::Rest(std::mem::take(&mut tail)),
            None if p.default.is_some() => Source::Default,
            None => return Err(Failure::Missing(p.name.clone())),
        });
    }
    Ok(out)
}

/// Each argument with the type of its parameter, in the order of parameters.
fn pair_up<'p, 'a>(params: &[Parameter], args: &'p [Arg<'a>], sources: &[Source]) -> Vec<(&'p Arg<'a>, Type)> {
    let mut pairs = Vec::new();
    for (p, s) in params.iter().zip(sources) {
        match s {
            Source::Arg(i) => pairs.extend(args.get(*i).map(|a| (a, p.ty.clone()))),
            Source::Rest(list) => {
                let item = p.ty.item().cloned().unwrap_or(Type::Error);
                pairs.extend(list.iter().filter_map(|i| args.get(*i)).map(|a| (a, item.clone())));
            }
            Source::Default => {}
        }
    }
    pairs
}

fn pair_modes(params: &[Parameter], sources: &[Source]) -> Vec<(usize, Mode)> {
    let mut modes = Vec::new();
    for (p, s) in params.iter().zip(sources) {
        match s {
            Source::Arg(i) => modes.push((*i, p.mode)),
            Source::Rest(list) => modes.extend(list.iter().map(|i| (*i, Mode::In))),
            Source::Default => {}
        }
    }
    modes
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
