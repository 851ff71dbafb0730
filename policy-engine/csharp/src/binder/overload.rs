//! Overload resolution (C# specification 12.6.4): which candidates apply to the arguments. `better` chooses among them, `failures` says why
//! there is none.
use std::sync::Arc;

use dotnet::{Member, MemberKind, Mode, Parameter, Type};

use super::calls::Arg;
use super::failures::Failure;
use super::members::Level;
use super::tree::Kind;
use super::{Binder, codes};
use crate::ast::Passing;
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
            Some(_) => return Err(Failure::Arity(count)),
            None if count == 0 => Vec::new(),
            None => {
                let pairs = pair_up(&of_type, args, &sources);
                let known = self.infer(count, &pairs);
                match known {
                    Some(t) => t,
                    None => return Err(self.inference_failure(member, &pairs)),
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

    fn inference_failure(&mut self, member: &Member, pairs: &[(&Arg<'a>, Type)]) -> Failure {
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
        // `new[] { "a" }.Contains(5)`: the receiver alone says what the items are.
        if member.kind == MemberKind::Extension
            && let Some((receiver, rest)) = pairs.split_first()
            && let Some(known) = self.infer(member.type_params.len(), std::slice::from_ref(receiver))
        {
            for (n, (arg, ty)) in rest.iter().enumerate() {
                let wanted = ty.substitute(&[], &known);
                let is_value = Self::lambda_syntax(&arg.expr).is_none() && arg.passing == Passing::Value;
                if is_value && !self.implicit_exists(&arg.expr, &wanted) {
                    return Failure::Receiver { arg: n.saturating_add(1), wanted };
                }
            }
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
