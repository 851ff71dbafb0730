//! `target.name`, `target[index]` and `target?.access`.
use std::sync::Arc;

use dotnet::{Member, MemberKind, Type, Value, ids};

use super::tree::{Expr, Kind, MethodGroup, Property};
use super::types::constructed;
use super::{Binder, codes};
use crate::ast::{self, SimpleName};
use crate::fold;
use crate::span::Span;

impl<'a> Binder<'a> {
    /// `target.name`
    pub(crate) fn member_access(&mut self, target: &'a ast::Expr, name: &'a SimpleName, span: Span) -> Expr<'a> {
        let calling = std::mem::take(&mut self.calling);
        let mut left = match &target.kind {
            ast::ExprKind::Predefined(p) => Expr::new(Kind::TypeName, super::types::predefined(*p), target.span),
            _ => self.expr(target),
        };
        // A local or property named as its type (`Encoding Encoding`): the type wins when only it has the member.
        if let (ast::ExprKind::Name(n), Kind::Local(_)) = (&target.kind, &left.kind)
            && self.lacks(&left.ty, &name.ident.name)
            && let super::types::Found::One(id) = self.find_type(&n.ident.name, 0)
        {
            left = Expr::new(Kind::TypeName, Type::Simple(id), target.span);
        }
        self.calling = calling;
        let found = self.access(left, name, span);
        self.calling = false;
        found
    }

    fn lacks(&self, ty: &Type, name: &str) -> bool {
        let levels = self.levels(ty, name);
        !levels.iter().any(|l| l.members.iter().any(|m| !m.is_static))
            && self.table.extensions(name).is_empty()
            && ty.id().is_some()
    }

    /// Member of something already bound.
    pub(crate) fn access(&mut self, left: Expr<'a>, name: &'a SimpleName, span: Span) -> Expr<'a> {
        let text = &name.ident.name;
        if left.is_error() || text.is_empty() {
            for t in name.type_args.iter().flatten() {
                self.type_of(t);
            }
            return Expr::error(span);
        }
        match &left.kind {
            Kind::Namespace(ns) => {
                let ns = ns.clone();
                self.in_namespace(&ns, name, span)
            }
            Kind::TypeName => {
                let ty = left.ty.clone();
                self.static_member(&ty, name, span)
            }
            Kind::NullLiteral
            | Kind::UntypedLambda(_)
            | Kind::DefaultLiteral
            | Kind::MethodGroup(_)
            | Kind::LocalFunction { .. } => {
                let is_method = matches!(left.kind, Kind::MethodGroup(_) | Kind::LocalFunction { .. });
                let what = match &left.kind {
                    Kind::NullLiteral => "`null`",
                    Kind::MethodGroup(_) | Kind::LocalFunction { .. } => "a method that is not called",
                    _ => "an expression without a type",
                };
                let mut d = Self::finding(codes::BAD_UNARY, span, format!("`.` cannot be applied to {what}"));
                d.help = is_method.then(|| "call the method with `()`".to_owned());
                self.report(d);
                Expr::error(span)
            }
            Kind::Collection(_) => {
                let d = Self::finding(codes::COLLECTION_WITHOUT_TYPE, left.span, "`[...]` has no type of its own here");
                self.report(d.help("write `new[] { ... }`"));
                Expr::error(span)
            }
            _ if left.ty == Type::Void => {
                self.error(codes::BAD_UNARY, span, "`.` cannot be applied to a call that gives nothing");
                Expr::error(span)
            }
            _ => self.instance_member(left, name, span),
        }
    }

    fn in_namespace(&mut self, ns: &str, name: &'a SimpleName, span: Span) -> Expr<'a> {
        let full = format!("{ns}.{}", name.ident.name);
        let arity = name.type_args.as_ref().map_or(0, Vec::len);
        if let Some(id) = self.table.full(&full, arity) {
            let args = name.type_args.iter().flatten().map(|t| self.type_of(t)).collect();
            return Expr::new(Kind::TypeName, constructed(id, args), span);
        }
        if self.table.is_namespace(&full) {
            return Expr::new(Kind::Namespace(full), Type::Error, span);
        }
        let text = format!("namespace `{ns}` has no supported type `{}`", name.ident.name);
        self.error(codes::NO_TYPE_IN_NAMESPACE, name.span, text);
        Expr::error(span)
    }

    /// `Type.Name`: enum member, static property, static method group, nested type.
    fn static_member(&mut self, ty: &Type, name: &'a SimpleName, span: Span) -> Expr<'a> {
        let text = &name.ident.name;
        if let Some(def) = ty.id().and_then(|id| self.table.get(id))
            && let Some((_, n)) = def.enum_values.iter().find(|(n, _)| n == text)
        {
            self.facts.record(Some(def.id), text, std::iter::empty());
            return Expr::constant(Value::Enum(def.id, *n), ty.clone(), span);
        }
        if name.type_args.is_none()
            && let Some((owner, member)) = self.property(ty, text)
        {
            if !member.is_static {
                let message = format!("`{text}` needs an object of type `{ty}`: it is not static");
                self.error(codes::NEEDS_INSTANCE, span, message);
                return Expr::error(span);
            }
            return self.static_property(&owner, member, span);
        }
        if !self.methods(ty, text).is_empty() {
            return self.group(None, ty.clone(), name, span, true);
        }
        let arity = name.type_args.as_ref().map_or(0, Vec::len);
        if let Some(id) = ty.id().and_then(|id| self.table.full(&format!("{}.{text}", id.0), arity)) {
            let args = name.type_args.iter().flatten().map(|t| self.type_of(t)).collect();
            return Expr::new(Kind::TypeName, constructed(id, args), span);
        }
        let message = format!("`{ty}` has no supported static member `{text}`");
        self.missing(codes::NO_STATIC_MEMBER, ty, name, message, true);
        Expr::error(span)
    }

    fn static_property(&mut self, owner: &Type, member: Arc<Member>, span: Span) -> Expr<'a> {
        self.facts.record(owner.id(), &member.name, std::iter::empty());
        let ty = member.ret.substitute(owner.args(), &[]);
        let is_const = member.is_pure
            && super::conversion::is_numeric(&ty)
            && (super::conversion::is_numeric(owner) || owner.id().is_some_and(|id| id.0 == "System.Math"));
        let constant = if is_const { fold::call(self.table, &member, owner.args(), Vec::new()) } else { None };
        if let Some(value) = constant {
            return Expr::constant(value, ty, span);
        }
        let types = owner.args().to_vec();
        let property = Property { member, receiver: None, args: Vec::new(), types, null_check: false };
        Expr::new(Kind::Property(Box::new(property)), ty, span)
    }

    fn group(
        &mut self,
        receiver: Option<Expr<'a>>,
        container: Type,
        name: &'a SimpleName,
        span: Span,
        on_type: bool,
    ) -> Expr<'a> {
        let type_args = name.type_args.as_ref().map(|list| list.iter().map(|t| self.type_of(t)).collect());
        let group = MethodGroup {
            receiver,
            container,
            name: name.ident.name.clone(),
            type_args,
            on_type,
            name_span: name.ident.span,
        };
        Expr::new(Kind::MethodGroup(Box::new(group)), Type::Null, span)
    }

    fn instance_member(&mut self, left: Expr<'a>, name: &'a SimpleName, span: Span) -> Expr<'a> {
        let (text, ty) = (name.ident.name.clone(), left.ty.clone());
        if let Some(found) = self.field_of(&left, &text, span) {
            return found;
        }
        if let Some(inner) = ty.nullable_of() {
            let inner = inner.clone();
            match &*text {
                "HasValue" => return Expr::new(Kind::HasValue(Box::new(left)), Type::BOOL, span),
                "Value" => return Expr::new(Kind::NullableValue(Box::new(left)), inner, span),
                _ => {}
            }
        }
        if name.type_args.is_none()
            && let Some((owner, member)) = self.property(&ty, &text)
            && !self.passed_over(&owner, &member)
        {
            if member.is_static {
                let message = format!("`{text}` is static: write `{owner}.{text}`");
                self.error(codes::NEEDS_TYPE, span, message);
                return Expr::error(span);
            }
            return self.instance_property(left, &owner, member, span);
        }
        let is_built_in = matches!(ty, Type::Tuple(_) | Type::Anonymous(_)) || ty.nullable_of().is_some();
        let is_compare = matches!(ty, Type::Tuple(_)) && &*text == "CompareTo";
        let has_methods =
            is_compare || !self.methods(&ty, &text).is_empty() || !self.table.extensions(&text).is_empty();
        if has_methods || (is_built_in && matches!(&*text, "GetValueOrDefault" | "ToString" | "Equals" | "GetHashCode"))
        {
            let group = self.group(Some(left), ty.clone(), name, span, false);
            return self.check_group(group, &ty, name, span);
        }
        let message = format!("`{ty}` has no supported member `{text}`");
        self.missing(codes::NO_MEMBER, &ty, name, message, false);
        Expr::error(span)
    }

    /// In front of an argument list a property that cannot be called gives way to methods of the same name (`set.Count()`).
    fn passed_over(&self, owner: &Type, member: &Arc<Member>) -> bool {
        self.calling
            && !self.is_delegate(&member.ret.substitute(owner.args(), &[]))
            && !self.table.extensions(&member.name).is_empty()
    }

    /// An extension method of that name that can never take this receiver is no member.
    fn check_group(&mut self, group: Expr<'a>, ty: &Type, name: &'a SimpleName, span: Span) -> Expr<'a> {
        let text = &name.ident.name;
        if !self.methods(ty, text).is_empty()
            || matches!(ty, Type::Tuple(_) | Type::Anonymous(_))
            || ty.nullable_of().is_some()
        {
            return group;
        }
        let candidates: Vec<Type> =
            self.table.extensions(text).iter().filter_map(|(_, m)| m.params.first().map(|p| p.ty.clone())).collect();
        if candidates.iter().any(|p| self.receiver_fits(ty, p)) {
            return group;
        }
        let message = format!("`{ty}` has no supported member `{text}`");
        self.missing(codes::NO_MEMBER, ty, name, message, false);
        Expr::error(span)
    }

    fn missing(&mut self, code: codes::Code, ty: &Type, name: &SimpleName, message: String, on_type: bool) {
        let text = &name.ident.name;
        if !on_type && !self.table.extensions(text).is_empty() && self.item_type(ty).is_none() {
            // A query was rewritten into calls whose names have no place of their own.
            let in_query = name.ident.span.end.saturating_sub(name.ident.span.start) as usize != text.len();
            let d = if in_query {
                Self::finding(
                    codes::NO_QUERY_SOURCE,
                    name.span,
                    format!("a query cannot run over `{ty}`: it is no sequence"),
                )
            } else {
                Self::finding(code, name.span, message)
            };
            let untyped = self.table.interfaces_of(ty).contains(&Type::Simple(ids::ENUMERABLE));
            let help = super::hints::no_sequence(ty, text, untyped);
            return self.report(d.help(help));
        }
        let names = self.member_names(ty, on_type);
        let mut d = Self::finding(code, name.span, message);
        let entries = !on_type && self.has_entries(ty);
        // JSON values are sequences too, and texts more often.
        let is_sequence = self.item_type(ty).is_some();
        let is_text_member = (!is_sequence || ty.item().is_some() || ty.id() == Some(JTOKEN))
            && !on_type
            && *ty != Type::STRING
            && self.offers(&Type::STRING, text);
        if is_sequence && ty.item().is_none() && *ty != Type::STRING && is_length(text) {
            let count = if self.offers(ty, "Count") { "Count" } else { "Count()" };
            d = d.help(format!("items are counted by `{count}`"));
        } else if let Some(known) = super::hints::foreign_member(ty, text, is_sequence, entries).filter(|_| !on_type) {
            d = d.help(known);
        } else if let Some(known) = super::hints::member_of_text(ty, text).filter(|_| is_text_member) {
            d = d.help(known);
        } else if entries && is_entry_name(text, &names) {
            d = d.help(format!("an entry is read with `[\"{text}\"]`"));
        } else if let Some(near) = crate::nearest::nearest(&name.ident.name, names.iter().map(|n| &**n)) {
            d = d.help(format!("did you mean `{near}`?"));
        } else if let Some(inner) = self.inner_member(ty, text).filter(|_| !on_type) {
            d = d.help(format!("did you mean `{inner}`?"));
        } else {
            d.help = super::hints::member(ty, &name.ident.name, on_type);
        }
        self.report(d);
    }

    /// Are entries of the value read by name, and nothing else?
    fn has_entries(&self, ty: &Type) -> bool {
        let by_name = |l: &super::members::Level| {
            let takes = |m: &Arc<Member>| m.params.first().map(|p| p.ty.substitute(l.owner.args(), &[]));
            l.members.iter().any(|m| takes(m) == Some(Type::STRING))
        };
        let json = ty.id().is_some_and(|id| id.0.starts_with("Newtonsoft."));
        !json && self.offers(ty, "ContainsKey") && self.indexers(ty).iter().any(by_name)
    }

    /// Has a value of that type such a member of its own?
    fn offers(&self, ty: &Type, name: &str) -> bool {
        self.levels(ty, name).iter().any(|l| l.members.iter().any(|m| !m.is_static))
    }

    /// `Property.name`: a member that a part of the value has. Types of .NET have too many parts to guess by.
    fn inner_member(&self, ty: &Type, name: &str) -> Option<String> {
        let def = ty.id().filter(|id| !id.0.starts_with("System.")).and_then(|id| self.table.get(id))?;
        let parts = def.members.iter().filter(|m| m.kind == MemberKind::Property && !m.is_static);
        let fitting = parts.filter(|m| m.ret.id().is_some_and(|id| !id.0.starts_with("System.")));
        let fitting = fitting.filter(|m| self.offers(&m.ret, name));
        fitting.min_by_key(|m| m.name.len()).map(|m| format!("{}.{name}", m.name))
    }

    fn field_of(&mut self, left: &Expr<'a>, name: &str, span: Span) -> Option<Expr<'a>> {
        let (index, ty) = match &left.ty {
            Type::Anonymous(shape) => {
                let at = shape.fields.iter().position(|(n, _)| &**n == name)?;
                (at, shape.fields.get(at)?.1.clone())
            }
            Type::Tuple(t) => {
                let named = t.names.iter().position(|n| n.as_deref() == Some(name));
                let at = match named {
                    Some(at) => at,
                    None => name.strip_prefix("Item")?.parse::<usize>().ok()?.checked_sub(1)?,
                };
                (at, t.items.get(at)?.clone())
            }
            _ => return None,
        };
        Some(Expr::new(Kind::Field { target: Box::new(left.clone()), index }, ty, span))
    }

    fn instance_property(&mut self, left: Expr<'a>, owner: &Type, member: Arc<Member>, span: Span) -> Expr<'a> {
        self.facts.record(owner.id(), &member.name, std::iter::empty());
        let ty = member.ret.substitute(owner.args(), &[]);
        let null_check = !self.table.is_value_type(&left.ty);
        let types = owner.args().to_vec();
        let property = Property { member, receiver: Some(Box::new(left)), args: Vec::new(), types, null_check };
        Expr::new(Kind::Property(Box::new(property)), ty, span)
    }

    /// `target?.access`
    pub(crate) fn conditional_access(&mut self, target: &'a ast::Expr, access: &'a ast::Expr, span: Span) -> Expr<'a> {
        let left = self.expr(target);
        let left = self.value(left);
        if left.is_error() {
            return Expr::error(span);
        }
        if !self.is_reference(&left.ty) && left.ty.nullable_of().is_none() {
            let text = format!("`?` cannot be applied to `{}`, which is never null", left.ty);
            self.error(codes::BAD_UNARY, span, text);
            return Expr::error(span);
        }
        let inner = left.ty.nullable_of().unwrap_or(&left.ty).clone();
        let local = self.temporary(inner.clone(), left.span);
        self.receivers.push(Expr::new(Kind::Local(local), inner, left.span));
        let found = self.expr(access);
        self.receivers.pop();
        let found = self.value(found);
        if found.is_error() {
            return Expr::error(span);
        }
        let ty = if self.table.is_value_type(&found.ty) { Type::nullable(found.ty.clone()) } else { found.ty.clone() };
        let kind = Kind::NullConditional { local, target: Box::new(left), access: Box::new(found) };
        Expr::new(kind, ty, span)
    }

    /// `target[args]`
    pub(crate) fn index(&mut self, target: &'a ast::Expr, args: &'a [ast::Argument], span: Span) -> Expr<'a> {
        let left = self.expr(target);
        let left = self.value(left);
        self.index_of(left, args, span)
    }

    /// Element of something already bound.
    pub(crate) fn index_of(&mut self, left: Expr<'a>, args: &'a [ast::Argument], span: Span) -> Expr<'a> {
        let mut bound = self.arguments(args);
        if left.is_error() || bound.iter().any(|a| a.expr.is_error()) {
            return Expr::error(span);
        }
        let (range, index) = (Type::Simple(ids::RANGE), Type::Simple(ids::INDEX));
        let single = if bound.len() == 1 { bound.first().map(|a| a.expr.clone()) } else { None };
        if let Some(e) = &single
            && e.ty == range
            && (left.ty.item().is_some() || left.ty == Type::STRING)
        {
            let ty = left.ty.clone();
            return Expr::new(Kind::Slice { target: Box::new(left), range: Box::new(e.clone()) }, ty, span);
        }
        if let Some(item) = left.ty.item().cloned() {
            let Some(at) = single else {
                self.error(codes::BAD_INDEX, span, "an array takes one index");
                return Expr::error(span);
            };
            let at = self.array_index(at, &index);
            return Expr::new(Kind::Element { array: Box::new(left), index: Box::new(at) }, item, span);
        }
        if left.ty == Type::STRING
            && let Some(at) = single
        {
            if at.ty != index && ![Type::INT, Type::UINT, Type::LONG].iter().any(|t| self.implicit_exists(&at, t)) {
                let text = format!("argument 1: `{}` does not convert to `int`", at.ty);
                self.error(codes::ARGUMENT_TYPE, at.span, text);
                return Expr::error(span);
            }
            let at = self.array_index(at, &index);
            return Expr::new(Kind::CharAt { text: Box::new(left), index: Box::new(at) }, Type::CHAR, span);
        }
        let levels = self.indexers(&left.ty);
        if levels.is_empty() {
            let text = format!("`[]` cannot be applied to `{}`", left.ty);
            let mut d = Self::finding(codes::BAD_INDEX, span, text);
            if left.ty == Type::OBJECT {
                d = d.help("cast the `object` to the type that it holds: `((JObject)...)[...]`");
            } else if self.offers(&left.ty, "As") {
                d = d.help("read it as JSON first: `.As<JObject>()[...]`");
            }
            self.report(d);
            return Expr::error(span);
        }
        // `list[^1]` counts from the end by `Count`.
        if let Some(e) = single.as_ref().filter(|e| e.ty == index)
            && let Some(converted) = self.counted_from_end(&left, e)
            && let Some(first) = bound.first_mut()
        {
            first.expr = converted;
        }
        self.indexer_call(left, levels, bound, span)
    }

    fn array_index(&mut self, at: Expr<'a>, index: &Type) -> Expr<'a> {
        if at.ty == *index {
            return at;
        }
        for ty in [Type::INT, Type::UINT, Type::LONG, Type::ULONG] {
            if self.implicit_exists(&at, &ty) {
                return self.convert(at, &ty);
            }
        }
        self.convert(at, &Type::INT)
    }

    fn counted_from_end(&mut self, left: &Expr<'a>, at: &Expr<'a>) -> Option<Expr<'a>> {
        let Kind::Index { value, from_end: true } = &at.kind else { return None };
        let (owner, member) = self.property(&left.ty, "Count").or_else(|| self.property(&left.ty, "Length"))?;
        let count = self.instance_property(left.clone(), &owner, member, at.span);
        self.binary_of(ast::BinaryOp::Subtract, count, (**value).clone(), at.span, at.span).into()
    }

    pub(crate) fn indexer_call(
        &mut self,
        left: Expr<'a>,
        levels: Vec<super::members::Level>,
        args: Vec<super::calls::Arg<'a>>,
        span: Span,
    ) -> Expr<'a> {
        let null_check = !self.table.is_value_type(&left.ty);
        let name: Arc<str> = Arc::from("this[]");
        let Some(chosen) = self.resolve_levels(levels, &args, None, &name, span) else { return Expr::error(span) };
        let values: Vec<Expr<'a>> = self.plain_values(&chosen, args);
        self.facts.record(chosen.owner.id(), &name, values.iter().map(|e| e.constant.as_ref()));
        let property = Property {
            member: chosen.member.clone(),
            receiver: Some(Box::new(left)),
            args: values,
            types: chosen.owner.args().to_vec(),
            null_check,
        };
        debug_assert!(chosen.member.kind == MemberKind::Indexer);
        Expr::new(Kind::Property(Box::new(property)), chosen.ret, span)
    }
}

const JTOKEN: dotnet::TypeId = dotnet::TypeId("Newtonsoft.Json.Linq.JToken");

fn is_length(name: &str) -> bool {
    name.eq_ignore_ascii_case("length") || name.eq_ignore_ascii_case("size")
}

/// A name that is no member in another case, and no verb that changes something.
fn is_entry_name(name: &str, members: &[Arc<str>]) -> bool {
    const CHANGES: [&str; 6] = ["Add", "Set", "Remove", "Clear", "Append", "Delete"];
    let changes = CHANGES.iter().any(|verb| name.get(..verb.len()).is_some_and(|n| n.eq_ignore_ascii_case(verb)));
    !changes && !members.iter().any(|m| m.eq_ignore_ascii_case(name))
}
