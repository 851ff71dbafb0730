//! What a type offers under a name: its own members, inherited ones, those of its interfaces, extension methods.
use std::sync::Arc;

use dotnet::{Member, MemberKind, Type, ids};

use super::Binder;

/// Members of one name that one type in the chain of inheritance declares.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    /// The declaring type with its arguments.
    pub(crate) owner: Type,
    pub(crate) members: Vec<Arc<Member>>,
}

impl<'a> Binder<'a> {
    /// The chain to search: the type, its bases; for interfaces theirs and `object`.
    fn chain(&self, ty: &Type) -> Vec<Type> {
        let mut chain = vec![ty.clone()];
        if self.is_interface(ty) {
            chain.extend(self.table.interfaces_of(ty));
            chain.push(Type::OBJECT);
            return chain;
        }
        let mut at = self.table.base_of(ty);
        while let Some(t) = at {
            at = self.table.base_of(&t);
            chain.push(t);
        }
        chain
    }

    /// Members of that name, the most derived type first.
    pub(crate) fn levels(&self, ty: &Type, name: &str) -> Vec<Level> {
        let mut levels = Vec::new();
        for owner in self.chain(ty) {
            let Some(def) = owner.id().and_then(|id| self.table.get(id)) else { continue };
            let members: Vec<_> = def.named(name).cloned().collect();
            if !members.is_empty() {
                levels.push(Level { owner, members });
            }
        }
        levels
    }

    /// The first property of that name.
    pub(crate) fn property(&self, ty: &Type, name: &str) -> Option<(Type, Arc<Member>)> {
        self.levels(ty, name).into_iter().find_map(|level| {
            let found = level.members.iter().find(|m| m.kind == MemberKind::Property)?;
            Some((level.owner.clone(), found.clone()))
        })
    }

    /// Methods of that name (not extension methods of static classes).
    pub(crate) fn methods(&self, ty: &Type, name: &str) -> Vec<Level> {
        let mut levels = self.levels(ty, name);
        for level in &mut levels {
            level.members.retain(|m| matches!(m.kind, MemberKind::Method | MemberKind::Extension));
        }
        levels.retain(|l| !l.members.is_empty());
        levels
    }

    pub(crate) fn indexers(&self, ty: &Type) -> Vec<Level> {
        let mut levels = self.levels(ty, "this[]");
        for level in &mut levels {
            level.members.retain(|m| m.kind == MemberKind::Indexer);
        }
        levels.retain(|l| !l.members.is_empty());
        levels
    }

    /// `Invoke` of a delegate type: parameter types and result.
    pub(crate) fn invoke_of(&self, ty: &Type) -> Option<(Arc<Member>, Vec<Type>, Type)> {
        if !self.is_delegate(ty) {
            return None;
        }
        let def = self.table.get(ty.id()?)?;
        let invoke = def.named("Invoke").next()?.clone();
        let params = invoke.params.iter().map(|p| p.ty.substitute(ty.args(), &[])).collect();
        let ret = invoke.ret.substitute(ty.args(), &[]);
        Some((invoke, params, ret))
    }

    /// `T` when the type is, or implements once, `IEnumerable<T>`.
    pub(crate) fn item_type(&self, ty: &Type) -> Option<Type> {
        if let Some(item) = ty.item() {
            return Some(item.clone());
        }
        let own = std::iter::once(ty.clone()).chain(self.table.interfaces_of(ty));
        let mut found = own.filter(|t| t.id() == Some(ids::ENUMERABLE_T)).filter_map(|t| t.args().first().cloned());
        found.next()
    }

    /// All names a value (or the type itself) offers, for hints.
    pub(crate) fn member_names(&self, ty: &Type, on_type: bool) -> Vec<Arc<str>> {
        let mut names = Vec::new();
        for owner in self.chain(ty) {
            let Some(def) = owner.id().and_then(|id| self.table.get(id)) else { continue };
            let visible = def.members.iter().filter(|m| {
                let ordinary = matches!(m.kind, MemberKind::Method | MemberKind::Property | MemberKind::Extension);
                ordinary && (m.is_static == on_type)
            });
            names.extend(visible.map(|m| m.name.clone()));
            if on_type {
                names.extend(def.enum_values.iter().map(|(n, _)| n.clone()));
            }
        }
        if !on_type {
            names.extend(self.table.extension_names().cloned());
        }
        names
    }
}
