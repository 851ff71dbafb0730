//! What a program touches, for whoever must prepare it: bodies to be read, variables that must exist, members that exist at all.
use std::collections::BTreeSet;
use std::sync::Arc;

use dotnet::{TypeId, Value};

use crate::span::Span;

/// One use of a member.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MemberUse {
    /// Type that declares the member.
    pub owner: TypeId,
    /// Its name; `this[]` for an indexer, `.ctor` for a constructor.
    pub name: Arc<str>,
    /// Constant text arguments such as header and variable names; `None` for arguments that are not constant texts.
    pub texts: Vec<Option<Arc<str>>>,
}

/// One place where a member of a watched type is used.
#[derive(Clone, Debug)]
pub struct Place {
    /// Static type of the receiver.
    pub owner: TypeId,
    /// Name of the member; `this[]` for an indexer.
    pub name: Arc<str>,
    /// Names of the properties that lead from a global to the receiver: `Request`, `Body`. Empty where it came another way.
    pub path: Vec<Arc<str>>,
    /// Constant arguments; `None` for those that are not constant.
    pub args: Vec<Option<Value>>,
    /// What to underline.
    pub span: Span,
    /// Is it reached in every evaluation that ends with a value?
    pub certain: bool,
    /// Numbers of the places that have certainly been passed before this one.
    pub after: Vec<usize>,
}

/// All uses, each once, in a fixed order.
#[derive(Clone, Default, Debug)]
pub struct Facts {
    /// Members called, read or written.
    pub members: BTreeSet<MemberUse>,
    /// Uses of members of watched types, in the order of evaluation; gathered only from programs without errors.
    pub places: Vec<Place>,
}

impl Facts {
    /// Is a member of that name of that type used?
    pub fn touches(&self, owner: TypeId, name: &str) -> bool {
        self.members.iter().any(|m| m.owner == owner && &*m.name == name)
    }

    /// Uses of one member.
    pub fn uses<'f>(&'f self, owner: TypeId, name: &'f str) -> impl Iterator<Item = &'f MemberUse> {
        self.members.iter().filter(move |m| m.owner == owner && &*m.name == name)
    }

    pub(crate) fn record<'v>(
        &mut self,
        owner: Option<TypeId>,
        name: &Arc<str>,
        args: impl Iterator<Item = Option<&'v Value>>,
    ) {
        let Some(owner) = owner else { return };
        let text = |v: Option<&Value>| match v {
            Some(Value::Str(s)) => Some(s.clone()),
            _ => None,
        };
        self.members.insert(MemberUse { owner, name: name.clone(), texts: args.map(text).collect() });
    }
}
