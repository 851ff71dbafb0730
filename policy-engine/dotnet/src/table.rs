//! The type table: every type an expression may name, and its members. The binder is given one; nothing is global.
use std::collections::HashMap;
use std::sync::Arc;

use crate::member::{Member, MemberKind, Native, Prepare, QueryOperator};
use crate::signature::{self, Names};
use crate::types::{KEYWORDS, Type, TypeId, ids};
use crate::value::{Str, Value};

/// What kind of definition a type is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TypeKind {
    /// Reference type.
    Class,
    /// Value type: never null, copied.
    Struct,
    /// Interface.
    Interface,
    /// Enum; `flags` decides how combinations are written.
    Enum {
        /// `[Flags]`
        flags: bool,
    },
    /// Delegate: its one member is `Invoke`.
    Delegate,
    /// Static class.
    Static,
}

/// A type definition.
#[derive(Debug)]
pub struct TypeDef {
    /// Identity.
    pub id: TypeId,
    /// Kind.
    pub kind: TypeKind,
    /// Names of type parameters.
    pub type_params: Vec<Str>,
    /// May be converted along `out T` (`IEnumerable<string>` to `IEnumerable<object>`)? One entry per type parameter.
    pub covariant: Vec<bool>,
    /// Base class; over [`crate::types::Owner::Type`] parameters.
    pub base: Option<Type>,
    /// Interfaces, each written out (not only the nearest).
    pub interfaces: Vec<Type>,
    /// Members in table order.
    pub members: Vec<Arc<Member>>,
    /// Enum members in order.
    pub enum_values: Vec<(Str, i32)>,
    by_name: HashMap<Str, Vec<usize>>,
}

impl TypeDef {
    /// Members of that name declared here (not in bases).
    pub fn named<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Arc<Member>> + use<'a> {
        self.by_name.get(name).into_iter().flatten().filter_map(|i| self.members.get(*i))
    }

    /// The type over its own parameters: `List<T>`.
    pub fn open_type(&self) -> Type {
        open_type(self.id, self.type_params.len())
    }
}

fn open_type(id: TypeId, arity: usize) -> Type {
    let params = (0..arity).map(|n| Type::Param(crate::types::Owner::Type, u16::try_from(n).unwrap_or(u16::MAX)));
    if arity == 0 { Type::Simple(id) } else { Type::generic(id, params.collect::<Vec<_>>()) }
}

/// All types of one language setting.
#[derive(Debug, Default)]
pub struct TypeTable {
    types: HashMap<TypeId, TypeDef>,
    by_simple_name: HashMap<(Str, usize), Vec<TypeId>>,
    by_full_name: HashMap<Str, TypeId>,
    extensions: HashMap<Str, Vec<(TypeId, Arc<Member>)>>,
    imports: Vec<Str>,
    globals: HashMap<Str, (Type, Native)>,
    problems: Vec<String>,
}

impl TypeTable {
    /// Definition of a type.
    pub fn get(&self, id: TypeId) -> Option<&TypeDef> {
        self.types.get(&id)
    }

    /// All definitions, by name.
    pub fn types(&self) -> Vec<&TypeDef> {
        let mut all: Vec<_> = self.types.values().collect();
        all.sort_by_key(|t| t.id);
        all
    }

    /// Types of that simple name and arity in imported namespaces.
    pub fn imported<'a>(&'a self, name: &str, arity: usize) -> impl Iterator<Item = TypeId> + use<'a> {
        let found = self.by_simple_name.get(&(Str::from(name), arity)).into_iter().flatten().copied();
        found.filter(|id| self.imports.iter().any(|ns| &**ns == id.namespace()))
    }

    /// Type of that full name (`System.Text.Encoding`; nested types with `.` or `+`) and arity.
    pub fn full(&self, name: &str, arity: usize) -> Option<TypeId> {
        let key = if arity == 0 { Str::from(name) } else { format!("{name}`{arity}").into() };
        self.by_full_name.get(&key).copied()
    }

    /// Is it a namespace, or the beginning of one?
    pub fn is_namespace(&self, name: &str) -> bool {
        self.types
            .keys()
            .any(|id| id.namespace().strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    }

    /// Extension methods of that name, with the class that declares them.
    pub fn extensions(&self, name: &str) -> &[(TypeId, Arc<Member>)] {
        self.extensions.get(name).map_or(&[], Vec::as_slice)
    }

    /// All names of extension methods, for suggestions.
    pub fn extension_names(&self) -> impl Iterator<Item = &Str> {
        self.extensions.keys()
    }

    /// A global identifier such as `context`: its type and how to get it.
    pub fn global(&self, name: &str) -> Option<&(Type, Native)> {
        self.globals.get(name)
    }

    /// Mistakes in the tables themselves; a test keeps this empty.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Base type after substitution; `object` for classes and interfaces without one, `ValueType` for structs.
    pub fn base_of(&self, ty: &Type) -> Option<Type> {
        match ty {
            Type::Simple(ids::OBJECT) | Type::Void | Type::Null | Type::Error | Type::Param(..) => None,
            Type::Array(_) => Some(Type::Simple(ids::ARRAY)),
            Type::Tuple(_) => Some(Type::Simple(ids::VALUE_TYPE)),
            Type::Anonymous(_) => Some(Type::OBJECT),
            Type::Simple(id) | Type::Generic(id, _) => {
                let def = self.get(*id)?;
                Some(match (&def.base, def.kind) {
                    (Some(base), _) => base.substitute(ty.args(), &[]),
                    (None, TypeKind::Struct) if *id != ids::VALUE_TYPE => Type::Simple(ids::VALUE_TYPE),
                    (None, TypeKind::Enum { .. }) => Type::Simple(ids::ENUM),
                    (None, TypeKind::Delegate) => Type::Simple(ids::DELEGATE),
                    _ => Type::OBJECT,
                })
            }
        }
    }

    /// Interfaces of a type, inherited ones too, after substitution.
    pub fn interfaces_of(&self, ty: &Type) -> Vec<Type> {
        if let Type::Array(item) = ty {
            let of = |id| Type::generic(id, [(**item).clone()]);
            return vec![
                of(ids::ENUMERABLE_T),
                of(ids::COLLECTION_T),
                of(ids::ILIST_T),
                of(ids::READ_ONLY_LIST_T),
                of(ids::READ_ONLY_COLLECTION_T),
                Type::Simple(crate::collections::names::COLLECTION),
                Type::Simple(ids::ENUMERABLE),
            ];
        }
        if let Type::Tuple(_) = ty {
            let of = |id| Type::generic(id, [ty.clone()]);
            return vec![Type::Simple(ids::COMPARABLE), of(ids::COMPARABLE_T), of(ids::EQUATABLE_T)];
        }
        let (mut all, mut at) = (Vec::new(), Some(ty.clone()));
        while let Some(t) = at {
            if let Some(def) = t.id().and_then(|id| self.get(id)) {
                for i in &def.interfaces {
                    let i = i.substitute(t.args(), &[]);
                    if !all.contains(&i) {
                        all.push(i);
                    }
                }
            }
            at = self.base_of(&t);
        }
        all
    }

    /// Never null: structs, enums, tuples (not `Nullable<T>`).
    pub fn is_value_type(&self, ty: &Type) -> bool {
        match ty {
            Type::Tuple(_) => true,
            Type::Simple(id) | Type::Generic(id, _) => {
                *id != ids::NULLABLE
                    && self.get(*id).is_some_and(|d| matches!(d.kind, TypeKind::Struct | TypeKind::Enum { .. }))
            }
            _ => false,
        }
    }

    /// Name of an enum value as `ToString()` writes it; the number if it has none.
    pub fn enum_name(&self, id: TypeId, value: i32) -> String {
        let Some(def) = self.get(id) else { return value.to_string() };
        if let Some((name, _)) = def.enum_values.iter().find(|(_, v)| *v == value) {
            return name.to_string();
        }
        if def.kind != (TypeKind::Enum { flags: true }) || value == 0 {
            return value.to_string();
        }
        let (mut rest, mut names) = (value, Vec::new());
        let mut by_size: Vec<_> = def.enum_values.iter().filter(|(_, v)| *v != 0).collect();
        by_size.sort_by_key(|(_, v)| std::cmp::Reverse(v.cast_unsigned()));
        for (name, v) in by_size {
            if rest & v == *v {
                rest &= !v;
                names.push(&**name);
            }
        }
        if rest != 0 {
            return value.to_string();
        }
        names.reverse();
        names.join(", ")
    }
}

/// Collects definitions, then resolves all signatures at once, so that the order of files does not matter.
#[derive(Default)]
pub struct Builder {
    pending: Vec<PendingType>,
    imports: Vec<Str>,
    globals: Vec<(&'static str, &'static str, Native)>,
}

struct PendingType {
    id: TypeId,
    kind: TypeKind,
    params: Vec<(Str, bool)>,
    base: Option<&'static str>,
    interfaces: Vec<&'static str>,
    members: Vec<PendingMember>,
    enum_values: Vec<(Str, i32)>,
}

struct PendingMember {
    text: &'static str,
    native: Option<Native>,
    setter: Option<Native>,
    pure: bool,
    prepare: Option<Prepare>,
    query: Option<QueryOperator>,
    only: &'static [&'static str],
}

/// Describes one type; made by [`Builder`].
pub struct TypeBuilder<'a>(&'a mut PendingType);

impl Builder {
    fn define(&mut self, id: TypeId, kind: TypeKind) -> TypeBuilder<'_> {
        let at = match self.pending.iter().position(|t| t.id == id) {
            Some(at) => at,
            None => {
                let new = PendingType {
                    id,
                    kind,
                    params: Vec::new(),
                    base: None,
                    interfaces: Vec::new(),
                    members: Vec::new(),
                    enum_values: Vec::new(),
                };
                self.pending.push(new);
                self.pending.len().saturating_sub(1)
            }
        };
        #[expect(clippy::indexing_slicing, reason = "the position was just found or made")]
        TypeBuilder(&mut self.pending[at])
    }

    /// A class.
    pub fn class(&mut self, id: TypeId) -> TypeBuilder<'_> {
        self.define(id, TypeKind::Class)
    }

    /// A struct.
    pub fn structure(&mut self, id: TypeId) -> TypeBuilder<'_> {
        self.define(id, TypeKind::Struct)
    }

    /// An interface.
    pub fn interface(&mut self, id: TypeId) -> TypeBuilder<'_> {
        self.define(id, TypeKind::Interface)
    }

    /// A static class.
    pub fn static_class(&mut self, id: TypeId) -> TypeBuilder<'_> {
        self.define(id, TypeKind::Static)
    }

    /// An enum with its members.
    pub fn enumeration(&mut self, id: TypeId, flags: bool, values: &[(&str, i32)]) -> TypeBuilder<'_> {
        let t = self.define(id, TypeKind::Enum { flags });
        t.0.enum_values = values.iter().map(|(n, v)| (Str::from(*n), *v)).collect();
        t
    }

    /// A delegate type; `invoke` is the signature of its `Invoke` method, such as `TResult Invoke(T arg)`.
    pub fn delegate(&mut self, id: TypeId, params: &[&str], invoke: &'static str) {
        let t = self.define(id, TypeKind::Delegate).params(params);
        t.0.members.push(PendingMember {
            text: invoke,
            native: Some(invoke_delegate),
            setter: None,
            pure: false,
            prepare: None,
            query: None,
            only: &[],
        });
    }

    /// More of a type that another file defines (extension members of `context` on `string`, say go to a static class instead).
    pub fn extend(&mut self, id: TypeId) -> TypeBuilder<'_> {
        self.define(id, TypeKind::Class)
    }

    /// Imports a namespace.
    pub fn import(&mut self, namespace: &str) {
        self.imports.push(namespace.into());
    }

    /// A global identifier: name, type, getter (its `args` are empty).
    pub fn global(&mut self, name: &'static str, ty: &'static str, get: Native) {
        self.globals.push((name, ty, get));
    }

    /// Resolves everything.
    pub fn build(self) -> TypeTable {
        let mut table = TypeTable { imports: self.imports, ..TypeTable::default() };
        let index = Index::new(&self.pending);
        for t in &self.pending {
            table.by_simple_name.entry((t.id.simple_name().into(), t.id.arity())).or_default().push(t.id);
            table.by_full_name.insert(t.id.0.replace('+', ".").into(), t.id);
        }
        for t in self.pending {
            let def = resolve(t, &index, &mut table.problems);
            for m in def.members.iter().filter(|m| m.kind == MemberKind::Extension) {
                table.extensions.entry(m.name.clone()).or_default().push((def.id, m.clone()));
            }
            table.types.insert(def.id, def);
        }
        for (name, ty, get) in self.globals {
            match signature::parse_type(ty, &[], &index) {
                Ok(ty) => drop(table.globals.insert(name.into(), (ty, get))),
                Err(e) => table.problems.push(format!("global {name}: {e}")),
            }
        }
        table
    }
}

fn resolve(t: PendingType, index: &Index, problems: &mut Vec<String>) -> TypeDef {
    let params: Vec<Str> = t.params.iter().map(|(n, _)| n.clone()).collect();
    let mut note = |e: String| problems.push(format!("{}: {e}", t.id.0));
    let base = t.base.and_then(|b| signature::parse_type(b, &params, index).map_err(&mut note).ok());
    let interfaces =
        t.interfaces.iter().filter_map(|i| signature::parse_type(i, &params, index).map_err(&mut note).ok()).collect();
    if t.id.arity() != params.len() {
        note("number of type parameters differs from the name".into());
    }
    let owner = open_type(t.id, params.len());
    let (mut members, mut by_name) = (Vec::new(), HashMap::<Str, Vec<usize>>::new());
    for m in t.members {
        let sig = match signature::parse(m.text, &owner, &params, index) {
            Ok(sig) => sig,
            Err(e) => {
                note(e);
                continue;
            }
        };
        let only =
            m.only.iter().filter_map(|t| signature::parse_type(t, &params, index).map_err(&mut note).ok()).collect();
        by_name.entry(sig.name.clone()).or_default().push(members.len());
        members.push(Arc::new(Member {
            kind: sig.kind,
            name: sig.name,
            is_static: sig.is_static,
            type_params: sig.type_params,
            params: sig.params,
            ret: sig.ret,
            native: m.native,
            setter: m.setter,
            is_pure: m.pure,
            prepare: m.prepare,
            query: m.query,
            only,
            text: m.text,
        }));
    }
    let covariant = t.params.iter().map(|(_, out)| *out).collect();
    TypeDef {
        id: t.id,
        kind: t.kind,
        type_params: params,
        covariant,
        base,
        interfaces,
        members,
        enum_values: t.enum_values,
        by_name,
    }
}

/// `Invoke` of every delegate type: the receiver is the delegate.
fn invoke_delegate(c: &mut crate::member::Call<'_>) -> crate::exception::Result<Value> {
    let Some((target, args)) = c.args.split_first_mut() else {
        return Err(crate::exception::Exception::null_reference());
    };
    match target {
        Value::Func(f) => f.clone().call(c.cx, args),
        _ => Err(crate::exception::Exception::null_reference()),
    }
}

impl TypeBuilder<'_> {
    /// Names of type parameters; `out T` marks a covariant one.
    pub fn params(self, names: &[&str]) -> Self {
        let read = |n: &&str| n.strip_prefix("out ").map_or_else(|| (Str::from(*n), false), |n| (Str::from(n), true));
        self.0.params = names.iter().map(read).collect();
        self
    }

    /// Base class.
    pub fn base(self, base: &'static str) -> Self {
        self.0.base = Some(base);
        self
    }

    /// Interfaces (all of them, inherited ones too).
    pub fn implements(self, interfaces: &[&'static str]) -> Self {
        self.0.interfaces.extend_from_slice(interfaces);
        self
    }

    fn member(self, text: &'static str, native: Option<Native>, setter: Option<Native>, pure: bool) -> Self {
        self.0.members.push(PendingMember { text, native, setter, pure, prepare: None, query: None, only: &[] });
        self
    }

    /// A method, constructor, operator, conversion, or read-only property, as the signature says.
    pub fn def(self, text: &'static str, native: Native) -> Self {
        self.member(text, Some(native), None, false)
    }

    /// The same, foldable when its arguments are constant.
    pub fn pure(self, text: &'static str, native: Native) -> Self {
        self.member(text, Some(native), None, true)
    }

    /// What can be done before a call of the member defined last, when some of its arguments are constant.
    pub fn prepare(self, prepare: Prepare) -> Self {
        if let Some(last) = self.0.members.last_mut() {
            last.prepare = Some(prepare);
        }
        self
    }

    /// The part that the member defined last has in a query.
    pub fn query(self, operator: impl Into<Option<QueryOperator>>) -> Self {
        if let Some(last) = self.0.members.last_mut() {
            last.query = operator.into();
        }
        self
    }

    /// The types that the type argument of the member defined last may be.
    pub fn only(self, types: &'static [&'static str]) -> Self {
        if let Some(last) = self.0.members.last_mut() {
            last.only = types;
        }
        self
    }

    /// A property or indexer that can be read and written.
    pub fn get_set(self, text: &'static str, get: Native, set: Native) -> Self {
        self.member(text, Some(get), Some(set), false)
    }
}

struct Index {
    simple: HashMap<(String, usize), TypeId>,
    full: HashMap<(String, usize), TypeId>,
    enums: HashMap<TypeId, Vec<(Str, i32)>>,
}

impl Index {
    fn new(types: &[PendingType]) -> Index {
        let mut index = Index { simple: HashMap::new(), full: HashMap::new(), enums: HashMap::new() };
        for t in types {
            let full = t.id.0.split('`').next().unwrap_or(t.id.0).replace('+', ".");
            index.simple.entry((t.id.simple_name().into(), t.id.arity())).or_insert(t.id);
            index.full.insert((full, t.id.arity()), t.id);
            index.enums.insert(t.id, t.enum_values.clone());
        }
        for (word, id) in KEYWORDS {
            index.simple.insert(((*word).into(), 0), *id);
        }
        index
    }
}

impl Names for Index {
    fn find(&self, name: &str, arity: usize) -> Option<TypeId> {
        let key = (name.to_owned(), arity);
        self.full.get(&key).or_else(|| self.simple.get(&key)).copied()
    }

    fn enum_value(&self, ty: TypeId, name: &str) -> Option<i32> {
        self.enums.get(&ty)?.iter().find(|(n, _)| &**n == name).map(|(_, v)| *v)
    }
}
