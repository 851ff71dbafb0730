//! Types, names, parameters.
use super::Printer;
use crate::ast::{
    Parameter, ParameterModifier, QualifiedName, SimpleName, TupleTypeElement, TypeBound, TypeConstraints, TypeKind,
    TypeSyntax,
};

impl Printer {
    pub(super) fn ty(&mut self, ty: &TypeSyntax) {
        match &ty.kind {
            TypeKind::Error | TypeKind::Omitted => {}
            TypeKind::Predefined(predefined) => self.put(predefined.keyword()),
            TypeKind::Var => self.put("var"),
            TypeKind::Name(name) => self.qualified_name(name),
            TypeKind::Nullable(inner) => {
                self.ty(inner);
                self.put("?");
            }
            TypeKind::Ref(inner) => {
                self.put("ref ");
                self.ty(inner);
            }
            TypeKind::Array { .. } => {
                let (element, ranks) = array_parts(ty);
                self.ty(element);
                self.ranks(&ranks);
            }
            TypeKind::Tuple(elements) => {
                self.put("(");
                self.list(elements, Self::tuple_element_type);
                self.put(")");
            }
        }
    }

    pub(super) fn ranks(&mut self, ranks: &[u32]) {
        for rank in ranks {
            self.put("[");
            for _ in 1..*rank {
                self.put(",");
            }
            self.put("]");
        }
    }

    fn tuple_element_type(&mut self, element: &TupleTypeElement) {
        self.ty(&element.ty);
        if let Some(name) = &element.name {
            self.put(" ");
            self.ident(name);
        }
    }

    fn qualified_name(&mut self, name: &QualifiedName) {
        if let Some(alias) = &name.alias {
            self.ident(alias);
            self.put("::");
        }
        for (index, part) in name.parts.iter().enumerate() {
            if index > 0 {
                self.put(".");
            }
            self.simple_name(part);
        }
    }

    pub(super) fn simple_name(&mut self, name: &SimpleName) {
        self.ident(&name.ident);
        let Some(args) = &name.type_args else { return };
        self.put("<");
        for (index, arg) in args.iter().enumerate() {
            if index > 0 {
                self.put(",");
            }
            self.ty(arg);
        }
        self.put(">");
    }

    pub(super) fn parameters(&mut self, parameters: &[Parameter]) {
        self.put("(");
        self.list(parameters, Self::parameter);
        self.put(")");
    }

    fn parameter(&mut self, parameter: &Parameter) {
        self.put(match parameter.modifier {
            ParameterModifier::None => "",
            ParameterModifier::Ref => "ref ",
            ParameterModifier::Out => "out ",
            ParameterModifier::In => "in ",
            ParameterModifier::Params => "params ",
        });
        if let Some(ty) = &parameter.ty {
            self.ty(ty);
            self.put(" ");
        }
        self.ident(&parameter.name);
        if let Some(default) = &parameter.default {
            self.put(" = ");
            self.expr(default);
        }
    }

    pub(super) fn constraints(&mut self, constraints: &TypeConstraints) {
        self.put(" where ");
        self.ident(&constraints.parameter);
        self.put(" : ");
        self.list(&constraints.bounds, |p, bound| match bound {
            TypeBound::Class => p.put("class"),
            TypeBound::Struct => p.put("struct"),
            TypeBound::New => p.put("new()"),
            TypeBound::NotNull => p.put("notnull"),
            TypeBound::Unmanaged => p.put("unmanaged"),
            TypeBound::Default => p.put("default"),
            TypeBound::Type(ty) => p.ty(ty),
        });
    }
}

/// The innermost element of directly nested arrays, and their ranks from the outside in, as they are written.
pub(super) fn array_parts(ty: &TypeSyntax) -> (&TypeSyntax, Vec<u32>) {
    let (mut element, mut ranks) = (ty, Vec::new());
    while let TypeKind::Array { element: inner, rank } = &element.kind {
        ranks.push(*rank);
        element = inner;
    }
    (element, ranks)
}
