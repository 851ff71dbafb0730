//! Which conversions exist between types and from expressions (C# specification, chapter conversions). Applying them is `convert`.
use std::sync::Arc;

use dotnet::{Member, MemberKind, Native, Type, TypeId, Value, ids};

use super::Binder;
use super::tree::{Expr, Kind};
use crate::{numeric, typing};

/// What happens to a value at run time.
#[derive(Clone, Debug)]
pub(crate) enum Conv {
    /// Nothing: the value stands for both types.
    Same,
    /// To a numeric type, `char` or enum.
    Number(TypeId),
    /// `null` stays, the rest is converted.
    Lifted(Box<Conv>),
    /// `null` throws `InvalidOperationException`, the rest is converted.
    Unwrap(Box<Conv>),
    /// Run-time type test; `null` passes for reference types and nullables, otherwise throws.
    Cast(Type),
    User(Box<UserConv>),
    Tuple(Vec<Conv>),
}

/// A user-defined conversion with what comes before and after the call.
#[derive(Clone, Debug)]
pub(crate) struct UserConv {
    pub(crate) member: Arc<Member>,
    pub(crate) native: Native,
    pub(crate) types: Vec<Type>,
    pub(crate) before: Conv,
    pub(crate) after: Conv,
    pub(crate) null_stays: bool,
}

/// The integral and floating types, in an order where [`widens`] can be read off.
pub(crate) fn is_numeric(ty: &Type) -> bool {
    matches!(ty, Type::Simple(id) if numeric_rank(*id).is_some())
}

pub(crate) fn is_integral(ty: &Type) -> bool {
    matches!(ty, Type::Simple(id) if numeric::range(*id).is_some())
}

fn numeric_rank(id: TypeId) -> Option<u8> {
    Some(match id {
        ids::SBYTE | ids::BYTE | ids::INT16 | ids::UINT16 | ids::CHAR => 1,
        ids::INT32 | ids::UINT32 => 2,
        ids::INT64 | ids::UINT64 => 3,
        ids::SINGLE => 4,
        ids::DOUBLE => 5,
        ids::DECIMAL => 6,
        _ => return None,
    })
}

/// Implicit numeric conversion (10.2.3).
pub(crate) fn widens(from: TypeId, to: TypeId) -> bool {
    if numeric_rank(from).is_none() || to == ids::CHAR {
        return false;
    }
    match (numeric::range(from), numeric::range(to)) {
        (Some((a, b)), Some((min, max))) => a >= min && b <= max,
        (Some(_), None) => numeric_rank(to).is_some(),
        (None, _) => from == ids::SINGLE && to == ids::DOUBLE,
    }
}

impl<'a> Binder<'a> {
    /// Implicit conversion that no user wrote, between types.
    pub(crate) fn standard_implicit(&self, from: &Type, to: &Type) -> Option<Conv> {
        if from == to || *from == Type::Error || *to == Type::Error {
            return Some(Conv::Same);
        }
        if matches!(from, Type::Void) || matches!(to, Type::Void) {
            return None;
        }
        if *from == Type::Null {
            return (self.is_reference(to) || to.nullable_of().is_some()).then_some(Conv::Same);
        }
        if let (Type::Simple(a), Type::Simple(b)) = (from, to)
            && widens(*a, *b)
        {
            return Some(Conv::Number(*b));
        }
        if let Some(inner) = to.nullable_of() {
            if let Some(source) = from.nullable_of() {
                return match self.standard_implicit(source, inner)? {
                    Conv::Same => Some(Conv::Same),
                    conv => Some(Conv::Lifted(Box::new(conv))),
                };
            }
            if self.table.is_value_type(from) {
                return self.standard_implicit(from, inner);
            }
            return None;
        }
        if let (Type::Tuple(a), Type::Tuple(b)) = (from, to) {
            return self.tuple_conv(&a.items, &b.items, Self::standard_implicit);
        }
        typing::is_subtype(self.table, from, to).then_some(Conv::Same)
    }

    fn tuple_conv(
        &self,
        from: &[Type],
        to: &[Type],
        each: impl Fn(&Self, &Type, &Type) -> Option<Conv>,
    ) -> Option<Conv> {
        if from.len() != to.len() {
            return None;
        }
        let convs: Vec<Conv> = from.iter().zip(to).map(|(a, b)| each(self, a, b)).collect::<Option<_>>()?;
        Some(if convs.iter().all(|c| matches!(c, Conv::Same)) { Conv::Same } else { Conv::Tuple(convs) })
    }

    /// Explicit conversion that no user wrote, between types; includes the implicit ones.
    pub(crate) fn standard_explicit(&self, from: &Type, to: &Type) -> Option<Conv> {
        if let Some(conv) = self.standard_implicit(from, to) {
            return Some(conv);
        }
        if matches!(from, Type::Void | Type::Null) || matches!(to, Type::Void | Type::Null) {
            return None;
        }
        let number = |t: &Type| is_numeric(t) || self.is_enum(t);
        if let (true, true, Some(id)) = (number(from), number(to), to.id()) {
            return Some(Conv::Number(id));
        }
        if let Some(source) = from.nullable_of() {
            let wrap: fn(Box<Conv>) -> Conv = if to.nullable_of().is_some() { Conv::Lifted } else { Conv::Unwrap };
            let target = to.nullable_of().unwrap_or(to);
            if self.table.is_value_type(target) {
                return Some(wrap(Box::new(self.standard_explicit(source, target)?)));
            }
            return None;
        }
        if let Some(target) = to.nullable_of() {
            if self.table.is_value_type(from) {
                return self.standard_explicit(from, target);
            }
            return typing::is_subtype(self.table, target, from).then(|| Conv::Cast(to.clone()));
        }
        if let (Type::Tuple(a), Type::Tuple(b)) = (from, to) {
            return self.tuple_conv(&a.items, &b.items, Self::standard_explicit);
        }
        self.reference_cast(from, to).then(|| Conv::Cast(to.clone()))
    }

    /// Explicit reference conversion or unboxing.
    fn reference_cast(&self, from: &Type, to: &Type) -> bool {
        let down = typing::is_subtype(self.table, to, from);
        if self.table.is_value_type(to) {
            return down && self.is_reference(from);
        }
        if !self.is_reference(from) || !self.is_reference(to) {
            return false;
        }
        if down {
            return true;
        }
        match (from, to) {
            (Type::Array(a), Type::Array(b)) => {
                self.is_reference(a) && self.is_reference(b) && self.reference_cast(a, b)
            }
            (Type::Array(_), _) => self.is_interface(to) && self.array_interface(from, to),
            (_, Type::Array(_)) => self.is_interface(from) && self.array_interface(to, from),
            _ => {
                // A class may be extended by one that implements the interface; strings and delegates may not.
                let sealed = |t: &Type| *t == Type::STRING || self.is_delegate(t);
                (self.is_interface(from) && !sealed(to)) || (self.is_interface(to) && !sealed(from))
            }
        }
    }

    fn array_interface(&self, array: &Type, interface: &Type) -> bool {
        let Some(item) = array.item() else { return false };
        interface.args().first().is_none_or(|t| t == item || self.standard_explicit(item, t).is_some())
    }

    /// Implicit conversion between types, user-defined ones included.
    pub(crate) fn implicit_type(&self, from: &Type, to: &Type) -> Option<Conv> {
        self.standard_implicit(from, to).or_else(|| self.user_conversion(from, None, to, false))
    }

    /// Explicit conversion between types, user-defined ones included.
    pub(crate) fn explicit_type(&self, from: &Type, to: &Type) -> Option<Conv> {
        self.standard_explicit(from, to).or_else(|| self.user_conversion(from, None, to, true))
    }

    /// 10.5: the most specific operator of the types involved.
    pub(crate) fn user_conversion(
        &self,
        from: &Type,
        constant: Option<&Value>,
        to: &Type,
        explicit: bool,
    ) -> Option<Conv> {
        if matches!(from, Type::Null | Type::Void | Type::Error) || matches!(to, Type::Null | Type::Void | Type::Error)
        {
            return None;
        }
        if self.is_interface(from) || self.is_interface(to) {
            return None;
        }
        let (source, target) = (from.nullable_of().unwrap_or(from), to.nullable_of().unwrap_or(to));
        let found = self.conversion_operators(source, target, explicit);
        let standard = |a: &Type, b: &Type| {
            self.standard_implicit(a, b)
                .or_else(|| self.constant_fits(constant.filter(|_| a == from)?, b))
                .or_else(|| if explicit { self.standard_explicit(a, b) } else { None })
        };
        let mut usable: Vec<(Arc<Member>, Vec<Type>, Type, Type)> = Vec::new();
        for (owner, m) in found {
            let Some(p) = m.params.first() else { continue };
            let (param, ret) = (p.ty.substitute(owner.args(), &[]), m.ret.substitute(owner.args(), &[]));
            // A nullable value is only taken apart where the result can be null as well, or where a cast says so.
            let lifted = explicit || from == source || to != target;
            let in_ok = standard(from, &param).is_some() || (lifted && standard(source, &param).is_some());
            let out_ok = standard(&ret, to).is_some() || standard(&ret, target).is_some();
            if in_ok && out_ok {
                usable.push((m, owner.args().to_vec(), param, ret));
            }
        }
        let exact_in = |p: &Type| p == from || p == source;
        let exact_out = |r: &Type| r == to;
        prefer(&mut usable, |u| u.2 == *from);
        prefer(&mut usable, |u| exact_in(&u.2));
        prefer(&mut usable, |u| exact_out(&u.3));
        prefer(&mut usable, |u| u.3 == *target);
        prefer(&mut usable, |u| self.standard_implicit(source, &u.2).is_some());
        prefer(&mut usable, |u| self.standard_implicit(&u.3, target).is_some());
        let pick = self.most_specific(&usable)?;
        let (member, types, param, ret) = pick.clone();
        let unwrap = from.nullable_of().is_some() && param.nullable_of().is_none() && self.table.is_value_type(&param);
        let lifted = unwrap && (to.nullable_of().is_some() || self.is_reference(to));
        let before = if unwrap {
            let inner = standard(source, &param)?;
            if lifted { inner } else { Conv::Unwrap(Box::new(inner)) }
        } else {
            standard(from, &param)?
        };
        let after = standard(&ret, to)?;
        Some(Conv::User(Box::new(UserConv {
            native: member.native?,
            member,
            types,
            before,
            after,
            null_stays: lifted,
        })))
    }

    /// Among several: the one whose parameter is most derived and whose result is nearest.
    fn most_specific<'u>(
        &self,
        usable: &'u [(Arc<Member>, Vec<Type>, Type, Type)],
    ) -> Option<&'u (Arc<Member>, Vec<Type>, Type, Type)> {
        if let [only] = usable {
            return Some(only);
        }
        usable.iter().find(|a| {
            usable.iter().all(|b| {
                self.standard_implicit(&a.2, &b.2).is_some()
                    && (self.standard_implicit(&b.3, &a.3).is_some() || self.standard_implicit(&a.3, &b.3).is_some())
            })
        })
    }

    fn conversion_operators(&self, source: &Type, target: &Type, explicit: bool) -> Vec<(Type, Arc<Member>)> {
        let mut found: Vec<(Type, Arc<Member>)> = Vec::new();
        for start in [source, target] {
            let mut at = Some(start.clone());
            while let Some(t) = at {
                if let Some(def) = t.id().and_then(|id| self.table.get(id)) {
                    for m in def.members.iter() {
                        let fits = m.kind == MemberKind::Implicit || (explicit && m.kind == MemberKind::Explicit);
                        if fits && !found.iter().any(|(_, f)| Arc::ptr_eq(f, m)) {
                            found.push((t.clone(), m.clone()));
                        }
                    }
                }
                at = self.table.base_of(&t);
            }
        }
        found
    }

    /// Implicit conversion of a constant of an integral type (10.2.11).
    pub(crate) fn constant_fits(&self, value: &Value, to: &Type) -> Option<Conv> {
        let to = to.nullable_of().unwrap_or(to);
        let Type::Simple(id) = to else { return None };
        if matches!(value, Value::Int32(0)) && self.is_enum(to) {
            return Some(Conv::Number(*id));
        }
        let (min, max) = numeric::range(*id)?;
        if *id == ids::CHAR {
            return None;
        }
        match value {
            Value::Int32(n) => (i128::from(*n) >= min && i128::from(*n) <= max).then_some(Conv::Number(*id)),
            Value::Int64(n) => (*id == ids::UINT64 && *n >= 0).then_some(Conv::Number(*id)),
            _ => None,
        }
    }

    /// Is there an implicit conversion from this expression? (Lambdas and groups are bound for the question.)
    pub(crate) fn implicit_exists(&mut self, e: &Expr<'a>, to: &Type) -> bool {
        if *to == Type::Error || e.is_error() {
            return true;
        }
        match &e.kind {
            Kind::NullLiteral => self.is_reference(to) || to.nullable_of().is_some(),
            Kind::DefaultLiteral | Kind::Throw(_) => *to != Type::Void,
            Kind::UntypedLambda(lambda) => self.lambda_fits(lambda, to),
            Kind::MethodGroup(_) | Kind::LocalFunction { .. } => self.group_fits(e, to),
            Kind::TargetNew(_) => !matches!(to, Type::Void | Type::Null),
            Kind::ArrayInitializer(_) | Kind::Collection(_) => to.item().is_some(),
            Kind::UntypedConditional(parts) => {
                let (_, a, b) = &**parts;
                let (a, b) = (a.clone(), b.clone());
                self.implicit_exists(&a, to) && self.implicit_exists(&b, to)
            }
            Kind::UntypedSwitch(s) => {
                let arms: Vec<_> = s.arms.iter().map(|a| a.value.clone()).collect();
                arms.iter().all(|a| self.implicit_exists(a, to))
            }
            Kind::Tuple(items) => match to.nullable_of().unwrap_or(to) {
                Type::Tuple(t) if t.items.len() == items.len() => {
                    let (items, types) = (items.clone(), t.items.clone());
                    items.iter().zip(&types).all(|(i, t)| self.implicit_exists(i, t))
                }
                _ => e.ty != Type::Error && self.implicit_type(&e.ty, to).is_some(),
            },
            Kind::TypeName | Kind::Namespace(_) => false,
            _ => {
                self.standard_implicit(&e.ty, to).is_some()
                    || e.constant.as_ref().is_some_and(|v| self.constant_fits(v, to).is_some())
                    || self.user_conversion(&e.ty, e.constant.as_ref(), to, false).is_some()
            }
        }
    }
}

/// Keeps only the preferred ones, if there are any.
fn prefer<T>(list: &mut Vec<T>, wanted: impl Fn(&T) -> bool) {
    if list.iter().any(&wanted) {
        list.retain(|t| wanted(t));
    }
}
