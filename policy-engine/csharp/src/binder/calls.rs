//! Calls: arguments, methods, extension methods, delegates, local functions.
use std::sync::Arc;

use dotnet::{Member, MemberKind, Mode, Parameter, Type, Value};

use super::members::Level;
use super::overload::{Chosen, Source};
use super::tree::{Call, Expr, Kind, LocalKind, MethodGroup, ObjectMethod, Passed};
use super::{Binder, codes};
use crate::ast::{self, Argument, Designation, ExprKind, Ident, Passing};
use crate::span::Span;

/// One argument, bound but not converted.
#[derive(Clone, Debug)]
pub(crate) struct Arg<'a> {
    pub(crate) expr: Expr<'a>,
    pub(crate) name: Option<Ident>,
    pub(crate) passing: Passing,
    /// `out var x` and `out _`: the type comes from the parameter.
    pub(crate) out: Option<OutVariable<'a>>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum OutVariable<'a> {
    Declare(&'a Ident),
    Discard,
}

impl<'a> Arg<'a> {
    pub(crate) fn plain(expr: Expr<'a>) -> Self {
        let span = expr.span;
        Arg { expr, name: None, passing: Passing::Value, out: None, span }
    }
}

impl<'a> Binder<'a> {
    /// Binds an argument list.
    pub(crate) fn arguments(&mut self, args: &'a [Argument]) -> Vec<Arg<'a>> {
        args.iter().map(|a| self.argument(a)).collect()
    }

    fn argument(&mut self, a: &'a Argument) -> Arg<'a> {
        let (mut out, span) = (None, a.value.span);
        let expr = match (&a.passing, &a.value.kind) {
            (Passing::Out, ExprKind::Declaration { ty, designation }) => match (&ty.kind, designation) {
                (ast::TypeKind::Var, Designation::Name(name)) => {
                    self.check_name(name);
                    out = Some(OutVariable::Declare(name));
                    Expr::new(Kind::Discard, Type::Null, span)
                }
                (_, Designation::Name(name)) => {
                    let ty = self.type_of(ty);
                    let id = self.declare(name, ty.clone(), LocalKind::Variable);
                    Expr::new(Kind::Local(id), ty, span)
                }
                (ast::TypeKind::Var, _) => {
                    out = Some(OutVariable::Discard);
                    Expr::new(Kind::Discard, Type::Null, span)
                }
                _ => {
                    let ty = self.type_of(ty);
                    let id = self.temporary(ty.clone(), span);
                    Expr::new(Kind::Local(id), ty, span)
                }
            },
            (Passing::Out, ExprKind::Name(n)) if &*n.ident.name == "_" && self.find("_").is_none() => {
                out = Some(OutVariable::Discard);
                Expr::new(Kind::Discard, Type::Null, span)
            }
            (Passing::Value, ExprKind::Assign { op: None, target, .. }) => {
                let before = self.diagnostics.len();
                let value = self.expr(&a.value);
                if let Some(name) = target.as_name()
                    && let Some(d) = self.diagnostics.get_mut(before).filter(|d| d.span == target.span)
                {
                    d.help = Some(format!("an argument is named with `:`, as in `{name}: ...`"));
                }
                value
            }
            (Passing::Value | Passing::In, _) => self.expr(&a.value),
            _ => {
                let e = self.expr(&a.value);
                let e = self.variable(e);
                self.fixed_place(e)
            }
        };
        let expr = if a.passing == Passing::Value && expr.ty == Type::Void { self.void_argument(expr) } else { expr };
        Arg { expr, name: a.name.clone(), passing: a.passing, out, span: a.span }
    }

    fn void_argument(&mut self, e: Expr<'a>) -> Expr<'a> {
        self.error(codes::ARGUMENT_TYPE, e.span, "a call that gives nothing cannot be an argument");
        Expr::error(e.span)
    }

    /// What `ref` and `out` take.
    fn variable(&mut self, e: Expr<'a>) -> Expr<'a> {
        match &e.kind {
            Kind::Local(_) | Kind::Element { .. } | Kind::Error => self.writable(e),
            _ => {
                self.error(codes::NOT_A_VARIABLE, e.span, "`ref` and `out` take a variable");
                Expr::error(e.span)
            }
        }
    }

    /// `target(args)`
    pub(crate) fn call(&mut self, target: &'a ast::Expr, args: &'a [Argument], span: Span) -> Expr<'a> {
        self.calling = matches!(target.kind, ExprKind::Member { .. });
        let callee = self.expr(target);
        let before = self.diagnostics.len();
        let bound = self.arguments(args);
        if self.diagnostics.len() > before
            && let Kind::MethodGroup(group) = &callee.kind
            && let Some(item) = args.first().and_then(|a| root_name(&a.value))
            && !self.table.extensions(&group.name).is_empty()
        {
            self.help_unknown(before, item.span, || format!("write a lambda: `{} => ...`", item.name));
        }
        self.call_of(callee, bound, span)
    }

    /// Calls something already bound.
    pub(crate) fn call_of(&mut self, callee: Expr<'a>, args: Vec<Arg<'a>>, span: Span) -> Expr<'a> {
        if callee.is_error() || args.iter().any(|a| a.expr.is_error()) {
            self.declare_lost(&args);
            return Expr::error(span);
        }
        match &callee.kind {
            Kind::MethodGroup(group) => {
                let group = (**group).clone();
                self.call_group(group, args, span)
            }
            Kind::LocalFunction { function, type_args } => {
                let (function, type_args) = (*function, type_args.clone());
                self.call_local(function, type_args, args, span)
            }
            _ if self.is_delegate(&callee.ty) => self.call_delegate(callee, args, span),
            Kind::TypeName => {
                let text = format!("`{}` is a type: write `new {}(...)`", callee.ty, callee.ty);
                self.error(codes::NOT_INVOCABLE, callee.span, text);
                self.declare_lost(&args);
                Expr::error(span)
            }
            Kind::Property(p) => {
                let text = format!("`{}` is not a method", p.member.name);
                let help = match args.is_empty() {
                    true => "leave out the `()`",
                    false => "an entry is read with `[...]`",
                };
                self.report(Self::finding(codes::NOT_INVOCABLE, callee.span, text).help(help));
                self.declare_lost(&args);
                Expr::error(span)
            }
            _ => {
                self.error(codes::NOT_A_DELEGATE, callee.span, format!("`{}` cannot be called", callee.ty));
                self.declare_lost(&args);
                Expr::error(span)
            }
        }
    }

    /// After an error the variables of `out var` still exist.
    fn declare_lost(&mut self, args: &[Arg<'a>]) {
        for a in args {
            if let Some(OutVariable::Declare(name)) = &a.out
                && self.find(&name.name).is_none()
            {
                let id = self.add_local(name.name.clone(), Type::Error, name.span, LocalKind::Variable);
                self.bind_name(name.name.clone(), super::scope::Entity::Local(id));
            }
        }
    }

    fn call_group(&mut self, mut group: MethodGroup<'a>, args: Vec<Arg<'a>>, span: Span) -> Expr<'a> {
        let name = group.name.clone();
        if let Some(done) = self.built_in(&mut group, &args, span) {
            return done;
        }
        let mut levels = self.methods(&group.container, &name);
        let declared = levels.clone();
        keep_side(&mut levels, group.on_type);
        if !group.on_type
            && levels.is_empty()
            && self.table.extensions(&name).is_empty()
            && let Some(owner) = declared.first().map(|l| l.owner.clone())
        {
            let applies = self.fits_one_of(declared, &args, None, &name);
            let code = if applies { codes::NEEDS_TYPE } else { codes::ARGUMENT_MISSING };
            let text = format!("`{name}` is static: write `{owner}.{name}(...)`");
            self.error(code, group.name_span, text);
            return self.lost(&args, span);
        }
        let had_methods = !levels.is_empty();
        let type_args = group.type_args.clone();
        if group.on_type {
            let before = self.diagnostics.len();
            if let Some(chosen) = self.resolve_levels(levels, &args, type_args.as_deref(), &name, span) {
                return self.finish_call(chosen, None, args, span);
            }
            if self.fits_one_of(declared, &args, type_args.as_deref(), &name) {
                self.diagnostics.truncate(before);
                let owner = &group.container;
                let text = format!("`{name}` with these arguments needs an object of type `{owner}`");
                let d = Self::finding(codes::NEEDS_INSTANCE, group.name_span, text);
                self.report(d.help(format!("make one first: `new {owner}(...).{name}(...)`")));
            }
            return self.lost(&args, span);
        }
        let Some(receiver) = group.receiver.take() else { return Expr::error(span) };
        let before = self.diagnostics.len();
        if had_methods {
            if let Some(chosen) = self.resolve_levels(levels, &args, type_args.as_deref(), &name, span) {
                return self.finish_call(chosen, Some(receiver), args, span);
            }
            if self.table.extensions(&name).is_empty() {
                return self.lost(&args, span);
            }
        }
        // No method of the type itself applies: extension methods, with the receiver as first argument.
        let complaint = self.diagnostics.split_off(before);
        let mut all = vec![Arg::plain(receiver.clone())];
        all.extend(args.iter().cloned());
        match self.resolve_extension(&all, type_args.as_deref(), &name, span) {
            Ok(Some(chosen)) => self.finish_call(chosen, None, all, span),
            Ok(None) => self.lost(&args, span),
            Err(reported) => {
                if !had_methods && self.fits_one_of(declared, &args, type_args.as_deref(), &name) {
                    self.diagnostics.truncate(before);
                    let text = format!("`{name}` is static: write `{}.{name}(...)`", group.container);
                    self.error(codes::NEEDS_TYPE, group.name_span, text);
                } else if !complaint.is_empty() {
                    // What the type's own methods miss is the better explanation.
                    self.diagnostics.truncate(before);
                    self.diagnostics.extend(complaint);
                } else if !reported {
                    let text = format!("`{}` has no supported member `{name}` for these arguments", receiver.ty);
                    self.error(codes::NO_MEMBER, group.name_span, text);
                }
                self.lost(&args, span)
            }
        }
    }

    /// Would one of these members take the arguments?
    fn fits_one_of(
        &mut self,
        levels: Vec<Level>,
        args: &[Arg<'a>],
        type_args: Option<&[Type]>,
        name: &Arc<str>,
    ) -> bool {
        self.quietly(|b| b.resolve_levels(levels, args, type_args, name, Span::default()).is_some())
    }

    /// Runs `f` and forgets what it finds.
    fn quietly<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::take(&mut self.diagnostics);
        let result = f(self);
        self.diagnostics = before;
        result
    }

    fn lost(&mut self, args: &[Arg<'a>], span: Span) -> Expr<'a> {
        self.declare_lost(args);
        Expr::error(span)
    }

    /// Methods that the table cannot describe: of tuples, anonymous objects and nullables.
    fn built_in(&mut self, group: &mut MethodGroup<'a>, args: &[Arg<'a>], span: Span) -> Option<Expr<'a>> {
        let inner = group.container.nullable_of().cloned();
        if inner.is_none() && !matches!(group.container, Type::Tuple(_) | Type::Anonymous(_)) {
            return None;
        }
        let receiver = group.receiver.clone()?;
        let values: Vec<Expr<'a>> = args.iter().map(|a| a.expr.clone()).collect();
        let made = |method, args, ty| Expr::new(Kind::ObjectCall { method, args }, ty, span);
        match (&*group.name, values.as_slice(), inner) {
            ("ToString", [], _) => Some(made(ObjectMethod::ToString, vec![receiver], Type::STRING)),
            ("GetHashCode", [], _) => Some(made(ObjectMethod::GetHashCode, vec![receiver], Type::INT)),
            ("Equals", [other], _) => {
                let other = self.convert(other.clone(), &Type::OBJECT);
                let mut held = super::places::Held::new();
                let late = self.late_receiver(&receiver, &[Passed::Value(other.clone())], &mut held);
                let (receiver, other) = match late {
                    Some(receiver) => (receiver, self.hold(other, &mut held)),
                    None => (receiver, other),
                };
                Some(Self::with_held(held, made(ObjectMethod::Equals, vec![receiver, other], Type::BOOL)))
            }
            ("CompareTo", [_], None) if matches!(group.container, Type::Tuple(_)) => {
                // A member of the interface, which tuples implement.
                group.container = Type::generic(dotnet::ids::COMPARABLE_T, [group.container.clone()]);
                None
            }
            ("GetValueOrDefault", [], Some(inner)) => {
                let default = self.default_of(&inner, span);
                Some(self.or_default(receiver, default, &inner, span))
            }
            ("GetValueOrDefault", [other], Some(inner)) => {
                let default = self.convert(other.clone(), &inner);
                // The argument is evaluated whether it is needed or not, after the place of the receiver is known.
                let mut held = super::places::Held::new();
                let receiver = match self.late_receiver(&receiver, &[Passed::Value(default.clone())], &mut held) {
                    Some(late) => late,
                    None if default.constant.is_some() => receiver,
                    None => self.hold(receiver, &mut held),
                };
                let default = if default.constant.is_some() { default } else { self.hold(default, &mut held) };
                let value = self.or_default(receiver, default, &inner, span);
                Some(Self::with_held(held, value))
            }
            // `x?.ToString("0.0")` reaches members of the type itself only through `Value`.
            _ => None,
        }
    }

    fn or_default(&mut self, left: Expr<'a>, right: Expr<'a>, ty: &Type, span: Span) -> Expr<'a> {
        let local = self.temporary(ty.clone(), span);
        let found = Box::new(Expr::new(Kind::Local(local), ty.clone(), span));
        let kind = Kind::Coalesce { left: Box::new(left), local, found, right: Box::new(right) };
        Expr::new(kind, ty.clone(), span)
    }

    /// A member that only some types may be named for (`Body.As<T>()`).
    fn check_type_argument(&mut self, chosen: &Chosen, span: Span) {
        let allowed = &chosen.member.only;
        let Some(wanted) = chosen.type_args.last().filter(|_| !allowed.is_empty()) else { return };
        if allowed.contains(wanted) || *wanted == Type::Error {
            return;
        }
        let message = format!("`{}<{wanted}>` is not supported", chosen.member.name);
        let names: Vec<String> = allowed.iter().map(|t| format!("`{t}`")).collect();
        self.report(Self::finding(codes::REFUSED, span, message).help(format!("it gives {}", names.join(", "))));
    }

    // === putting a call together ===

    /// Converts the arguments and builds the call.
    pub(crate) fn finish_call(
        &mut self,
        chosen: Chosen,
        receiver: Option<Expr<'a>>,
        args: Vec<Arg<'a>>,
        span: Span,
    ) -> Expr<'a> {
        let is_instance = !chosen.member.is_static && chosen.member.kind == MemberKind::Method;
        let null_check = is_instance && receiver.as_ref().is_some_and(|r| !self.table.is_value_type(&r.ty));
        let (mut passed, mut order) = self.pass(&chosen, args, span);
        let texts: Vec<Option<&Value>> =
            passed.iter().map(|p| if let Passed::Value(e) = p { e.constant.as_ref() } else { None }).collect();
        self.facts.record(chosen.owner.id(), &chosen.member.name, texts.into_iter());
        self.check_type_argument(&chosen, span);
        self.lint_culture(&chosen.owner, &chosen.member, &passed, span);
        self.lint_placeholders(&chosen.owner, &chosen.member, &passed);
        let mut held = super::places::Held::new();
        if let Some(mut r) = receiver.filter(|_| is_instance) {
            let late = self.late_receiver(&r, &passed, &mut held);
            let is_late = late.is_some();
            r = late.unwrap_or(r);
            passed.insert(0, Passed::Value(r));
            if is_late {
                let args = order.take().unwrap_or_else(|| (0..passed.len().saturating_sub(1)).collect());
                order = Some(args.into_iter().map(|n| n.saturating_add(1)).chain(std::iter::once(0)).collect());
            } else if let Some(order) = &mut order {
                order.iter_mut().for_each(|n| *n = n.saturating_add(1));
                order.insert(0, 0);
            }
        }
        let Some(native) = chosen.member.native else {
            self.error(codes::NOT_SUPPORTED, span, format!("`{}` is not supported", chosen.member.text));
            return Expr::error(span);
        };
        let mut types = chosen.owner.args().to_vec();
        types.extend(chosen.type_args.iter().cloned());
        let call = Call { member: chosen.member, native, args: passed, types, null_check, order };
        Self::with_held(held, Expr::new(Kind::Call(Box::new(call)), chosen.ret, span))
    }

    /// Arguments in the order of the parameters, and the order in which they are evaluated where that differs.
    pub(crate) fn pass(
        &mut self,
        chosen: &Chosen,
        args: Vec<Arg<'a>>,
        span: Span,
    ) -> (Vec<Passed<'a>>, Option<Vec<usize>>) {
        let mut args: Vec<Option<Arg<'a>>> = args.into_iter().map(Some).collect();
        let mut take = |i: usize| args.get_mut(i).and_then(Option::take);
        let (mut passed, mut written) = (Vec::new(), Vec::new());
        for (p, source) in chosen.params.iter().zip(&chosen.sources) {
            let item = match source {
                Source::Arg(i) => {
                    written.push((*i, passed.len()));
                    match take(*i) {
                        Some(arg) => self.pass_one(arg, p),
                        None => Passed::Value(Expr::error(span)),
                    }
                }
                Source::Default => Passed::Value(self.default_argument(p, span)),
                Source::Rest(list) => {
                    let item = p.ty.item().cloned().unwrap_or(Type::Error);
                    if let Some(first) = list.first() {
                        written.push((*first, passed.len()));
                    }
                    let mut items = Vec::new();
                    for i in list {
                        if let Some(arg) = take(*i) {
                            items.push(self.convert(arg.expr, &item));
                        }
                    }
                    Passed::Value(Expr::new(Kind::ArrayOf { items, item }, p.ty.clone(), span))
                }
            };
            passed.push(item);
        }
        let in_order = written.windows(2).all(|w| matches!(w, [a, b] if a.0 < b.0));
        if in_order {
            return (passed, None);
        }
        written.sort_unstable();
        let mut order: Vec<usize> = written.into_iter().map(|(_, at)| at).collect();
        order.extend((0..passed.len()).filter(|n| !order.contains(n)).collect::<Vec<_>>());
        (passed, Some(order))
    }

    fn pass_one(&mut self, arg: Arg<'a>, p: &Parameter) -> Passed<'a> {
        match (p.mode, arg.out) {
            (Mode::In, _) => Passed::Value(self.convert(arg.expr, &p.ty)),
            (_, Some(OutVariable::Discard)) => Passed::Out(None),
            (_, Some(OutVariable::Declare(name))) => {
                let id = self.add_local(name.name.clone(), p.ty.clone(), name.span, LocalKind::Variable);
                self.bind_name(name.name.clone(), super::scope::Entity::Local(id));
                Passed::Out(Some(Expr::new(Kind::Local(id), p.ty.clone(), name.span)))
            }
            (Mode::Out, None) => Passed::Out(Some(arg.expr)),
            (Mode::Ref, None) => Passed::Ref(arg.expr),
        }
    }

    fn default_argument(&mut self, p: &Parameter, span: Span) -> Expr<'a> {
        match &p.default {
            Some(Value::Null) | None => self.default_of(&p.ty, span),
            Some(v) => Expr::constant(v.clone(), p.ty.clone(), span),
        }
    }

    /// Values of arguments that can only be passed by value (indexers).
    pub(crate) fn plain_values(&mut self, chosen: &Chosen, args: Vec<Arg<'a>>) -> Vec<Expr<'a>> {
        let (passed, _) = self.pass(chosen, args, Span::default());
        let value = |p| match p {
            Passed::Value(e) | Passed::Ref(e) | Passed::Out(Some(e)) => Some(e),
            Passed::Out(None) => None,
        };
        passed.into_iter().filter_map(value).collect()
    }

    // === delegates and local functions ===

    fn call_delegate(&mut self, callee: Expr<'a>, args: Vec<Arg<'a>>, span: Span) -> Expr<'a> {
        let Some((invoke, _, _)) = self.invoke_of(&callee.ty) else { return Expr::error(span) };
        if invoke.params.len() != args.len() {
            let text = format!("delegate `{}` takes {} arguments", callee.ty, invoke.params.len());
            self.error(codes::DELEGATE_COUNT, span, text);
            return self.lost(&args, span);
        }
        let name: Arc<str> = Arc::from("Invoke");
        let level = Level { owner: callee.ty.clone(), members: vec![invoke] };
        let Some(chosen) = self.resolve_levels(vec![level], &args, None, &name, span) else {
            return self.lost(&args, span);
        };
        let (passed, _) = self.pass(&chosen, args, span);
        Expr::new(Kind::Invoke { target: Box::new(callee), args: passed }, chosen.ret, span)
    }

    fn call_local(&mut self, f: usize, type_args: Option<Vec<Type>>, args: Vec<Arg<'a>>, span: Span) -> Expr<'a> {
        let Some(function) = self.functions.get(f) else { return Expr::error(span) };
        let name = function.name.clone();
        let member = Member {
            kind: MemberKind::Method,
            name: name.clone(),
            is_static: true,
            type_params: function.type_params.clone(),
            params: function.params.clone(),
            ret: function.ret.clone(),
            native: None,
            setter: None,
            is_pure: false,
            prepare: None,
            query: None,
            only: Vec::new(),
            text: "local function",
        };
        let level = Level { owner: Type::OBJECT, members: vec![Arc::new(member)] };
        let Some(chosen) = self.resolve_levels(vec![level], &args, type_args.as_deref(), &name, span) else {
            return self.lost(&args, span);
        };
        let function = if chosen.type_args.is_empty() { Some(f) } else { self.instance(f, &chosen.type_args, span) };
        let (passed, order) = self.pass(&chosen, args, span);
        let Some(function) = function else { return Expr::error(span) };
        let refers_to = self.functions.get(function).and_then(|f| f.refers_to.clone());
        let call = Expr::new(Kind::CallLocal { function, args: passed, order }, chosen.ret, span);
        match refers_to {
            Some(item) => self.referred(call, &item, span),
            None => call,
        }
    }

    /// Can a value of this type be the receiver of an extension method with that first parameter? Open parameters are compared by shape.
    pub(crate) fn receiver_fits(&self, ty: &Type, param: &Type) -> bool {
        match param {
            Type::Param(..) => true,
            Type::Generic(id, _) if param.is_open() => self.construction(ty, *id).is_some(),
            Type::Array(item) if param.is_open() => ty.item().is_some_and(|t| self.receiver_fits(t, item)),
            _ => self.standard_implicit(ty, param).is_some(),
        }
    }
}

/// Static methods through a type, instance methods through a value.
fn keep_side(levels: &mut Vec<Level>, on_type: bool) {
    for level in levels.iter_mut() {
        level.members.retain(|m| if on_type { m.is_static } else { !m.is_static });
    }
    levels.retain(|l| !l.members.is_empty());
}

/// `g` of `g.Name == "a"`.
fn root_name(e: &ast::Expr) -> Option<&Ident> {
    match &e.kind {
        ExprKind::Member { target, .. } | ExprKind::Index { target, .. } | ExprKind::Call { target, .. } => {
            match &target.kind {
                ExprKind::Name(n) => Some(&n.ident),
                _ => root_name(target),
            }
        }
        ExprKind::Binary { left, .. } => root_name(left),
        _ => None,
    }
}
