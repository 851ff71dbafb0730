//! Sub-typing by identity, inheritance, interfaces, variance and boxing: one answer for the binder's conversions and for run-time type tests.
use dotnet::{Type, TypeTable, Value, ids};

/// Deepest nesting of type arguments that is compared.
const MAX_NESTING: u32 = 32;

/// Can a value of `from` stand where `to` is wanted without change of representation (identity, up-cast, boxing)?
pub(crate) fn is_subtype(table: &TypeTable, from: &Type, to: &Type) -> bool {
    subtype(table, from, to, MAX_NESTING)
}

fn subtype(table: &TypeTable, from: &Type, to: &Type, left: u32) -> bool {
    if from == to {
        return true;
    }
    let Some(left) = left.checked_sub(1) else { return false };
    if matches!(from, Type::Void | Type::Null | Type::Param(..)) {
        return false;
    }
    if *to == Type::OBJECT {
        return true;
    }
    if let Some(inner) = from.nullable_of() {
        // Boxing only: `int?` is no `int`.
        return is_reference(table, to) && subtype(table, inner, to, left);
    }
    if let (Type::Array(a), Type::Array(b)) = (from, to) {
        return is_reference(table, a) && subtype(table, a, b, left);
    }
    if to.id().is_none() {
        return false;
    }
    let mut at = Some(from.clone());
    while let Some(t) = at {
        if same_or_variant(table, &t, to, left) {
            return true;
        }
        at = table.base_of(&t);
    }
    table.interfaces_of(from).iter().any(|i| same_or_variant(table, i, to, left))
}

/// Same definition with the same arguments, or covariant ones over reference types.
fn same_or_variant(table: &TypeTable, from: &Type, to: &Type, left: u32) -> bool {
    if from == to {
        return true;
    }
    let (Type::Generic(a, args), Type::Generic(b, wanted)) = (from, to) else { return false };
    if a != b {
        return false;
    }
    let Some(def) = table.get(*a) else { return false };
    let is_delegate = def.kind == dotnet::TypeKind::Delegate;
    args.iter().zip(wanted.iter()).enumerate().all(|(n, (x, y))| {
        let covariant = def.covariant.get(n).copied().unwrap_or(false);
        x == y
            || (covariant && is_reference(table, x) && subtype(table, x, y, left))
            || (is_delegate && !covariant && is_reference(table, y) && subtype(table, y, x, left))
    })
}

pub(crate) fn is_reference(table: &TypeTable, ty: &Type) -> bool {
    match ty {
        Type::Array(_) | Type::Anonymous(_) => true,
        Type::Simple(_) | Type::Generic(..) => ty.nullable_of().is_none() && !table.is_value_type(ty),
        _ => false,
    }
}

/// `value is ty` for a value that is not null.
pub(crate) fn is_instance(table: &TypeTable, value: &Value, ty: &Type) -> bool {
    match (value, ty) {
        (Value::Null, _) => false,
        (_, &Type::OBJECT) => true,
        (Value::Str(_), Type::Simple(ids::STRING))
        | (Value::Int32(_), Type::Simple(ids::INT32))
        | (Value::Bool(_), Type::Simple(ids::BOOLEAN)) => true,
        _ => {
            let target = ty.nullable_of().unwrap_or(ty);
            matches!(value, Value::Object(o) if o.is_exactly(target)) || is_subtype(table, &value.net_type(), target)
        }
    }
}
