//! `Type.GetProperty`, `System.Reflection.PropertyInfo` and what else a `Type` tells of itself.
//!
//! The answers come from the member tables. A table may lack a property that .NET has: asking for such a one is
//! `NotSupportedException`, never `null`.
use std::any::Any;
use std::sync::Arc;

use super::reflection_names::{FIELDS, LACKING, MOST};
use crate::ambient::Ambient;
use crate::collections::{anonymous, array, cast};
use crate::exception::{Exception, Result};
use crate::member::{Call, Member, MemberKind};
use crate::object::{as_type, type_object};
use crate::table::{Builder, TypeKind, TypeTable};
use crate::types::{PRIMITIVES, Type, TypeId, ids};
use crate::value::{Object, Str, Value};

const PROPERTY_INFO: TypeId = TypeId("System.Reflection.PropertyInfo");
const TARGET: TypeId = TypeId("System.Reflection.TargetException");
const TARGET_INVOCATION: TypeId = TypeId("System.Reflection.TargetInvocationException");

/// Adds the members.
pub(crate) fn define(b: &mut Builder) {
    b.class(ids::TYPE)
        .def("System.Reflection.PropertyInfo GetProperty(string name)", get_property)
        .def("System.Reflection.PropertyInfo[] GetProperties()", get_properties)
        .def("bool IsArray", |c| is(c, |_, t| matches!(t, Type::Array(_))))
        .def("bool IsGenericType", |c| {
            is(c, |_, t| matches!(t, Type::Generic(..) | Type::Tuple(_) | Type::Anonymous(_)))
        })
        .def("bool IsValueType", |c| is(c, |table, t| table.is_value_type(t) || t.nullable_of().is_some()))
        .def("bool IsEnum", |c| is(c, |table, t| matches!(kind(table, t), Some(TypeKind::Enum { .. }))))
        .def("bool IsInterface", |c| is(c, |table, t| kind(table, t) == Some(TypeKind::Interface)))
        .def("bool IsClass", |c| {
            is(c, |table, t| {
                !table.is_value_type(t) && t.nullable_of().is_none() && kind(table, t) != Some(TypeKind::Interface)
            })
        })
        .def("bool IsPrimitive", |c| is(c, |_, t| is_primitive(t)))
        .def("Type GetElementType()", |c| Ok(receiver(c)?.item().map_or(Value::Null, |item| type_object(item.clone()))))
        .def("Type[] GetGenericArguments()", |c| {
            let args = generic_arguments(&receiver(c)?).into_iter().map(type_object).collect();
            Ok(array::new_array(Type::Simple(ids::TYPE), args))
        })
        .def("bool IsInstanceOfType(object o)", |c| {
            let ty = receiver(c)?;
            Ok(Value::Bool(cast::is_instance(c.cx.types(), c.arg(1), &ty)))
        });
    b.class(PROPERTY_INFO)
        .def("string Name", |c| property(c).map(|p| Value::Str(p.name.clone())))
        .def("Type PropertyType", |c| property(c).map(|p| type_object(p.ty.clone())))
        .def("Type DeclaringType", |c| property(c).map(|p| type_object(p.owner.clone())))
        .def("bool CanRead", |c| property(c).map(|p| Value::Bool(p.can_read())))
        .def("bool CanWrite", |c| property(c).map(|p| Value::Bool(p.can_write())))
        .def("object GetValue(object obj)", get_value)
        .def("object GetValue(object obj, object[] index)", |c| {
            no_index(c.arg(2))?;
            get_value(c)
        })
        .def("void SetValue(object obj, object value)", set_value)
        .def("void SetValue(object obj, object value, object[] index)", |c| {
            no_index(c.arg(3))?;
            set_value(c)
        });
}

/// A property as reflection shows it.
struct PropertyInfo {
    name: Str,
    ty: Type,
    owner: Type,
    source: Source,
}

#[derive(Clone)]
enum Source {
    Member(Arc<Member>),
    /// Of an anonymous type, by its place.
    Field(usize),
}

impl PropertyInfo {
    fn can_read(&self) -> bool {
        match &self.source {
            Source::Member(m) => m.native.is_some(),
            Source::Field(_) => true,
        }
    }

    fn can_write(&self) -> bool {
        matches!(&self.source, Source::Member(m) if m.setter.is_some())
    }
}

impl Object for PropertyInfo {
    fn net_type(&self) -> Type {
        Type::Simple(PROPERTY_INFO)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        // Primitive types stand without their namespace.
        let ty = self.ty.clr_name();
        let ty = if is_primitive(&self.ty) { ty.strip_prefix("System.").unwrap_or(&ty) } else { &ty };
        Ok(format!("{ty} {}", self.name).into())
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<PropertyInfo>().is_some_and(|o| o.owner == self.owner && o.name == self.name)
    }
    fn hash_code(&self) -> i32 {
        crate::object::text_hash(self.owner.clr_name().bytes().chain(self.name.bytes()))
    }
}

// === types ===

fn receiver(c: &Call<'_>) -> Result<Type> {
    as_type(c.arg(0)).ok_or_else(Exception::null_reference)
}

fn is(c: &mut Call<'_>, test: fn(&TypeTable, &Type) -> bool) -> Result<Value> {
    let ty = receiver(c)?;
    Ok(Value::Bool(test(c.cx.types(), &ty)))
}

fn kind(table: &TypeTable, ty: &Type) -> Option<TypeKind> {
    ty.id().and_then(|id| table.get(id)).map(|def| def.kind)
}

fn generic_arguments(ty: &Type) -> Vec<Type> {
    match ty {
        Type::Tuple(t) => t.items.clone(),
        Type::Anonymous(shape) => shape.fields.iter().map(|(_, t)| t.clone()).collect(),
        other => other.args().to_vec(),
    }
}

fn is_primitive(ty: &Type) -> bool {
    PRIMITIVES.contains(ty)
}

// === finding ===

fn listed(list: &[(&str, &str)], ty: &Type, name: &str) -> bool {
    let Some(id) = ty.id() else { return false };
    list.iter().filter(|(of, _)| *of == id.0).any(|(_, names)| *names == MOST || names.split(' ').any(|n| n == name))
}

/// The type and its bases; an interface shows only what it declares itself.
fn chain(table: &TypeTable, ty: &Type) -> Vec<Type> {
    let mut all = vec![ty.clone()];
    if kind(table, ty) != Some(TypeKind::Interface) {
        all.extend(std::iter::successors(table.base_of(ty), |t| table.base_of(t)));
    }
    all
}

fn find(table: &TypeTable, ty: &Type, name: &str) -> Result<Option<PropertyInfo>> {
    if let Type::Anonymous(shape) = ty
        && let Some((n, (field, field_ty))) = shape.fields.iter().enumerate().find(|(_, (f, _))| &**f == name)
    {
        let source = Source::Field(n);
        return Ok(Some(PropertyInfo { name: field.clone(), ty: field_ty.clone(), owner: ty.clone(), source }));
    }
    for (depth, owner) in chain(table, ty).into_iter().enumerate() {
        let Some(def) = owner.id().and_then(|id| table.get(id)) else { continue };
        let found = def.named(name).find(|m| m.kind == MemberKind::Property && (depth == 0 || !m.is_static));
        if let Some(m) = found.filter(|_| !listed(FIELDS, &owner, name)) {
            let (name, ty) = (m.name.clone(), m.ret.substitute(owner.args(), &[]));
            return Ok(Some(PropertyInfo { name, ty, owner, source: Source::Member(m.clone()) }));
        }
        let is_indexer = matches!(name, "Item" | "Chars") && def.named("this[]").next().is_some();
        if is_indexer || listed(LACKING, &owner, name) {
            let text = format!("The property '{name}' of '{}' is not supported here.", owner.clr_name());
            return Err(Exception::not_supported(text));
        }
    }
    Ok(None)
}

fn get_property(c: &mut Call<'_>) -> Result<Value> {
    let (ty, name) = (receiver(c)?, c.str_arg(1, "name")?);
    Ok(find(c.cx.types(), &ty, &name)?.map_or(Value::Null, Value::object))
}

/// Only of anonymous types: the tables keep neither the order nor all of the others' properties.
fn get_properties(c: &mut Call<'_>) -> Result<Value> {
    let ty = receiver(c)?;
    let Type::Anonymous(shape) = &ty else {
        let text = format!("The properties of '{}' cannot be listed here.", ty.clr_name());
        return Err(Exception::not_supported(text));
    };
    let infos = shape.fields.iter().enumerate().map(|(n, (name, field))| {
        let (name, field) = (name.clone(), field.clone());
        Value::object(PropertyInfo { name, ty: field, owner: ty.clone(), source: Source::Field(n) })
    });
    let infos: Vec<Value> = infos.collect();
    c.cx.charge_bytes(infos.len().saturating_mul(size_of::<PropertyInfo>()))?;
    Ok(array::new_array(Type::Simple(PROPERTY_INFO), infos))
}

// === using ===

fn property<'a>(c: &'a Call<'_>) -> Result<&'a PropertyInfo> {
    c.arg(0).as_object().ok_or_else(Exception::null_reference)
}

fn no_index(index: &Value) -> Result<()> {
    match array::array(index).is_none_or(array::ArrayObject::is_empty) {
        true => Ok(()),
        false => {
            Err(Exception::new(TypeId("System.Reflection.TargetParameterCountException"), "Parameter count mismatch."))
        }
    }
}

/// The object must be one that has the property.
fn check_target(c: &Call<'_>, p: &PropertyInfo, target: &Value) -> Result<()> {
    if matches!(&p.source, Source::Member(m) if m.is_static) {
        return Ok(());
    }
    if target.is_null() {
        return Err(Exception::new(TARGET, "Non-static method requires a target."));
    }
    if cast::is_instance(c.cx.types(), target, &p.owner) {
        return Ok(());
    }
    Err(Exception::new(TARGET, "Object does not match target type."))
}

fn get_value(c: &mut Call<'_>) -> Result<Value> {
    let this = c.take(0);
    let p: &PropertyInfo = this.as_object().ok_or_else(Exception::null_reference)?;
    let target = c.take(1);
    check_target(c, p, &target)?;
    match &p.source {
        Source::Field(n) => Ok(anonymous::field(&target, *n).unwrap_or_default()),
        Source::Member(m) => {
            let get = m.native.ok_or_else(|| Exception::argument_message("Property Get method was not found."))?;
            let mut args = if m.is_static { Vec::new() } else { vec![target] };
            get(&mut Call { cx: &mut *c.cx, types: p.owner.args(), args: &mut args }).map_err(invocation)
        }
    }
}

fn set_value(c: &mut Call<'_>) -> Result<Value> {
    let this = c.take(0);
    let p: &PropertyInfo = this.as_object().ok_or_else(Exception::null_reference)?;
    let Source::Member(m) = &p.source else {
        return Err(Exception::argument_message("Property set method not found."));
    };
    let set = m.setter.ok_or_else(|| Exception::argument_message("Property set method not found."))?;
    let (target, mut value) = (c.take(1), c.take(2));
    check_target(c, p, &target)?;
    if value.is_null() {
        value = cast::default_value(c.cx.types(), &p.ty);
    } else if !cast::is_instance(c.cx.types(), &value, &p.ty) {
        return Err(Exception::argument_message(format!(
            "Object of type '{}' cannot be converted to type '{}'.",
            value.net_type().clr_name(),
            p.ty.clr_name()
        )));
    }
    let mut args = if m.is_static { vec![value] } else { vec![target, value] };
    set(&mut Call { cx: &mut *c.cx, types: p.owner.args(), args: &mut args }).map_err(invocation)?;
    Ok(Value::Null)
}

/// What the property itself throws arrives wrapped; bounds of the evaluation pass.
fn invocation(e: Exception) -> Exception {
    if e.is_limit() {
        return e;
    }
    Exception::new(TARGET_INVOCATION, "Exception has been thrown by the target of an invocation.").with_cause(e)
}

#[cfg(test)]
mod tests {
    use super::{FIELDS, LACKING, MOST};
    use crate::member::MemberKind;

    /// A name leaves the list of lacking ones when its type gets it; what is called a field is in its table.
    #[test]
    fn lists_agree_with_the_tables() {
        let mut b = crate::Builder::default();
        crate::standard(&mut b);
        let table = b.build();
        let has = |ty: &str, name: &str| {
            let def = table.types().into_iter().find(|d| d.id.0 == ty).unwrap_or_else(|| panic!("no type `{ty}`"));
            def.named(name).any(|m| m.kind == MemberKind::Property)
        };
        let stale: Vec<String> = LACKING
            .iter()
            .filter(|(_, names)| *names != MOST)
            .flat_map(|(ty, names)| names.split(' ').map(move |name| (ty, name)))
            .filter(|(ty, name)| has(ty, name))
            .map(|(ty, name)| format!("{ty} {name}"))
            .collect();
        assert!(stale.is_empty(), "the tables have these now, take them off the list:\n{}", stale.join("\n"));
        for (ty, names) in FIELDS {
            for name in names.split(' ') {
                assert!(has(ty, name), "`{ty}` lacks `{name}`");
            }
        }
    }
}
