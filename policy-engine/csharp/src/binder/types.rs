//! Types as written: keywords, names with arguments, arrays, tuples, nullables.
use std::sync::Arc;

use dotnet::collections::grid::{GRID_2, GRID_3};
use dotnet::types::KEYWORDS;
use dotnet::{TupleType, Type, TypeId, TypeKind};

use super::{Binder, codes};
use crate::ast::{self, PredefinedType, SimpleName, TypeSyntax};
use crate::span::Span;

/// A name looked up as a type.
pub(crate) enum Found {
    None,
    One(TypeId),
    Ambiguous(TypeId, TypeId),
}

impl<'a> Binder<'a> {
    /// The type, or [`Type::Error`] after reporting. `var` is not accepted here.
    pub(crate) fn type_of(&mut self, syntax: &'a TypeSyntax) -> Type {
        self.try_type(syntax, true).unwrap_or(Type::Error)
    }

    /// The type, or `None`; reports only if `report`.
    pub(crate) fn try_type(&mut self, syntax: &'a TypeSyntax, report: bool) -> Option<Type> {
        match &syntax.kind {
            ast::TypeKind::Error => None,
            ast::TypeKind::Predefined(p) => Some(predefined(*p)),
            ast::TypeKind::Var => {
                if report {
                    self.error(codes::UNKNOWN_TYPE, syntax.span, "`var` cannot be used here: name the type");
                }
                None
            }
            ast::TypeKind::Name(name) => self.named_type(&name.parts, syntax.span, report),
            ast::TypeKind::Nullable(inner) => {
                let inner = self.try_type(inner, report)?;
                // `string?` is the reference type itself.
                Some(if self.table.is_value_type(&inner) { Type::nullable(inner) } else { inner })
            }
            ast::TypeKind::Array { element, rank } => {
                let element = self.try_type(element, report)?;
                match rank {
                    1 => Some(Type::array(element)),
                    2 => Some(Type::generic(GRID_2, [element])),
                    3 => Some(Type::generic(GRID_3, [element])),
                    _ => {
                        if report {
                            self.refuse(syntax.span, "an array of more than three dimensions");
                        }
                        None
                    }
                }
            }
            ast::TypeKind::Tuple(elements) => {
                let mut items = Vec::new();
                for e in elements {
                    items.push(self.try_type(&e.ty, report)?);
                }
                let names = elements.iter().map(|e| e.name.as_ref().map(|n| n.name.clone())).collect();
                Some(Type::Tuple(Arc::new(TupleType { items, names })))
            }
            ast::TypeKind::Ref(_) => {
                if report {
                    self.refuse(syntax.span, "a reference to a variable (`ref`)");
                }
                None
            }
            ast::TypeKind::Omitted => {
                if report {
                    self.refuse(syntax.span, "an unbound generic type");
                }
                None
            }
        }
    }

    /// `A.B.C<D>`: a type in an imported namespace, in a namespace written in full, or nested in such a type.
    fn named_type(&mut self, parts: &'a [SimpleName], span: Span, report: bool) -> Option<Type> {
        let mut args = Vec::new();
        for part in parts {
            for a in part.type_args.iter().flatten() {
                args.push(self.try_type(a, report)?);
            }
        }
        let arity = |p: &SimpleName| p.type_args.as_ref().map_or(0, Vec::len);
        let (first, last) = (parts.first()?, parts.last()?);
        if first.ident.name.is_empty() || last.ident.name.is_empty() {
            return None;
        }
        if parts.len() == 1 {
            if let (true, Some(ty)) = (args.is_empty(), self.type_parameter(&first.ident.name)) {
                return Some(ty);
            }
            return match self.find_type(&first.ident.name, arity(first)) {
                Found::One(id) => Some(constructed(id, args)),
                Found::Ambiguous(a, b) => {
                    if report {
                        let text = format!("`{}` is ambiguous between `{}` and `{}`", first.ident.name, a.0, b.0);
                        self.error(codes::AMBIGUOUS_TYPE, span, text);
                    }
                    None
                }
                // Members, operators and conversions of such a value are looked for when it runs. Taken as `object` it would mean
                // something else without a word (`==` compares references).
                Found::None if &*first.ident.name == "dynamic" && args.is_empty() => {
                    if report {
                        let d = Self::finding(codes::REFUSED, span, "`dynamic` is not supported".to_owned());
                        self.report(d.help("write the type that the value has: `JObject`, `JToken`, `string`"));
                    }
                    None
                }
                Found::None => {
                    if report {
                        self.unknown_type(first, span);
                    }
                    None
                }
            };
        }
        let full = parts.iter().map(|p| &*p.ident.name).collect::<Vec<_>>().join(".");
        if let Some(id) = self.table.full(&full, arity(last)) {
            return Some(constructed(id, args));
        }
        // `Environment.SpecialFolder`: nested in an imported type.
        if let Found::One(outer) = self.find_type(&first.ident.name, arity(first)) {
            let rest = parts.iter().skip(1).map(|p| &*p.ident.name).collect::<Vec<_>>().join(".");
            if let Some(id) = self.table.full(&format!("{}.{rest}", outer.0), arity(last)) {
                return Some(constructed(id, args));
            }
        }
        if report {
            let namespace = full.rsplit_once('.').map_or("", |(ns, _)| ns).to_owned();
            if self.table.is_namespace(&namespace) {
                let text = format!("namespace `{namespace}` has no supported type `{}`", last.ident.name);
                self.error(codes::NO_TYPE_IN_NAMESPACE, span, text);
            } else {
                self.error(codes::UNKNOWN_TYPE, span, format!("unknown type `{full}`"));
            }
        }
        None
    }

    /// `List<>` in `typeof`: the definition itself.
    pub(crate) fn unbound_generic(&mut self, syntax: &'a TypeSyntax) -> Option<Type> {
        let ast::TypeKind::Name(name) = &syntax.kind else { return None };
        let [only] = name.parts.as_slice() else { return None };
        let args = only.type_args.as_ref()?;
        if !args.iter().all(|a| matches!(a.kind, ast::TypeKind::Omitted)) {
            return None;
        }
        match self.find_type(&only.ident.name, args.len()) {
            Found::One(id) => Some(Type::Simple(id)),
            _ => None,
        }
    }

    fn unknown_type(&mut self, name: &SimpleName, span: Span) {
        let text = &name.ident.name;
        let given = name.type_args.as_ref().map_or(0, Vec::len);
        let other = (0..=8).find(|n| *n != given && matches!(self.find_type(text, *n), Found::One(_)));
        let mut d = match other {
            Some(0) => Self::finding(codes::NOT_GENERIC, span, format!("type `{text}` takes no type arguments")),
            Some(n) => {
                Self::finding(codes::TYPE_ARITY, span, format!("generic type `{text}` needs {n} type arguments"))
            }
            None => Self::finding(codes::UNKNOWN_TYPE, span, format!("unknown type `{text}`")),
        };
        if let (None, Some(known)) = (other, super::hints::unknown_type(text)) {
            d = d.help(known);
        } else if other.is_none()
            && let Some(near) = crate::nearest::nearest(text, self.table.types().iter().map(|t| t.id.simple_name()))
        {
            d = d.help(format!("did you mean `{near}`?"));
        }
        self.report(d);
    }

    /// What a type parameter of a local function around stands for.
    pub(crate) fn type_parameter(&self, name: &str) -> Option<Type> {
        self.type_names.iter().rev().find(|(n, _)| &**n == name).map(|(_, t)| t.clone())
    }

    /// A simple name as a type of an imported namespace.
    pub(crate) fn find_type(&self, name: &str, arity: usize) -> Found {
        let mut found = self.table.imported(name, arity);
        match (found.next(), found.next()) {
            (None, _) => Found::None,
            (Some(one), None) => Found::One(one),
            (Some(a), Some(b)) => Found::Ambiguous(a, b),
        }
    }

    pub(crate) fn kind_of(&self, ty: &Type) -> Option<TypeKind> {
        self.table.get(ty.id()?).map(|d| d.kind)
    }

    pub(crate) fn is_enum(&self, ty: &Type) -> bool {
        matches!(self.kind_of(ty), Some(TypeKind::Enum { .. }))
    }

    pub(crate) fn is_delegate(&self, ty: &Type) -> bool {
        matches!(self.kind_of(ty), Some(TypeKind::Delegate))
    }

    pub(crate) fn is_interface(&self, ty: &Type) -> bool {
        matches!(self.kind_of(ty), Some(TypeKind::Interface))
    }

    /// A type whose values may be null (without being `Nullable<T>`).
    pub(crate) fn is_reference(&self, ty: &Type) -> bool {
        match ty {
            Type::Array(_) | Type::Anonymous(_) => true,
            Type::Simple(_) | Type::Generic(..) => ty.nullable_of().is_none() && !self.table.is_value_type(ty),
            _ => false,
        }
    }
}

pub(crate) fn constructed(id: TypeId, args: Vec<Type>) -> Type {
    if args.is_empty() {
        return Type::Simple(id);
    }
    if id.0.starts_with("System.ValueTuple`") {
        let names = vec![None; args.len()];
        return Type::Tuple(Arc::new(TupleType { items: args, names }));
    }
    Type::generic(id, args)
}

pub(crate) fn predefined(p: PredefinedType) -> Type {
    if p == PredefinedType::Void {
        return Type::Void;
    }
    KEYWORDS.iter().find(|(word, _)| *word == p.keyword()).map_or(Type::Error, |(_, id)| Type::Simple(*id))
}
