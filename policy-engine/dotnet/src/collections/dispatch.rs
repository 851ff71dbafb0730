//! Calls through interfaces: the member of the receiver's run-time type is found in the type table.
//!
//! Anything may stand behind an interface - lists, JSON arrays, the host's header collections - and all of them describe
//! their members in the table, so one look-up serves them all. Common collections have shorter ways in [`super::interfaces`].
use crate::ambient::Ambient;
use crate::exception::Result;
use crate::member::{Call, Member, MemberKind};
use crate::table::{TypeKind, TypeTable};
use crate::types::{Type, ids};
use crate::value::Value;
use std::sync::Arc;

/// Calls the instance method, or reads the property or indexer, `name` of `args[0]`'s run-time type; `None` if it has none.
pub fn call(cx: &mut dyn Ambient, args: &mut [Value], name: &str) -> Option<Result<Value>> {
    let (member, types) = find(cx.types(), args.first()?, name, args.len().saturating_sub(1))?;
    let native = member.native?;
    Some(native(&mut Call { cx, types: &types, args }))
}

/// Writes the property or indexer `name`; the value is the last argument.
pub fn set(cx: &mut dyn Ambient, args: &mut [Value], name: &str) -> Option<Result<Value>> {
    let (member, types) = find(cx.types(), args.first()?, name, args.len().saturating_sub(2))?;
    let setter = member.setter?;
    Some(setter(&mut Call { cx, types: &types, args }))
}

fn find(table: &TypeTable, receiver: &Value, name: &str, params: usize) -> Option<(Arc<Member>, Vec<Type>)> {
    let mut at = Some(match receiver.net_type() {
        Type::Array(_) => Type::Simple(ids::ARRAY),
        other => other,
    });
    while let Some(ty) = at {
        let def = table.get(ty.id()?)?;
        if def.kind == TypeKind::Interface {
            return None;
        }
        let fits = |m: &&Arc<Member>| {
            !m.is_static && m.params.len() == params && m.type_params.is_empty() && m.kind != MemberKind::Extension
        };
        // Members that implement an interface explicitly have names that C# cannot write.
        let explicit = || def.named(&format!("explicit.{name}")).find(fits);
        if let Some(member) = def.named(name).find(fits).or_else(explicit) {
            return Some((member.clone(), ty.args().to_vec()));
        }
        at = table.base_of(&ty);
    }
    None
}
