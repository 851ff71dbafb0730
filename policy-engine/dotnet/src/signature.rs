//! Reads the C# signatures in member tables: `static bool TryParse(string s, out int result)`.
//!
//! Grammar, always on one line:
//! - method `[static] T Name[<A,B>](params)`, extension `static T Name<A>(this X x, ...)`
//! - property or field `[static] T Name`, indexer `T this[params]`, constructor `new(params)`
//! - operator `static T operator +(A a, B b)`, conversion `static implicit|explicit operator T(A a)`
//! - parameter `[this|out|ref|params] T name [= literal]`
use rust_decimal::Decimal;

use crate::member::{MemberKind, Mode, Parameter};
use crate::types::{Owner, TupleType, Type, TypeId, ids, keyword};
use crate::value::{Str, Value};
use std::sync::Arc;

/// A signature that was read.
pub(crate) struct Signature {
    pub(crate) kind: MemberKind,
    pub(crate) name: Str,
    pub(crate) is_static: bool,
    pub(crate) type_params: Vec<Str>,
    pub(crate) params: Vec<Parameter>,
    pub(crate) ret: Type,
}

/// Finds a definition by simple or full name and arity.
pub(crate) trait Names {
    fn find(&self, name: &str, arity: usize) -> Option<TypeId>;
    /// Number of an enum member, for default values.
    fn enum_value(&self, ty: TypeId, name: &str) -> Option<i32>;
}

/// Reads one signature of a member of `owner`.
pub(crate) fn parse(
    text: &'static str,
    owner: &Type,
    type_params: &[Str],
    names: &dyn Names,
) -> Result<Signature, String> {
    let mut p = Reader { rest: text, names, of_type: type_params, of_method: Vec::new() };
    let sig = p.signature(owner).map_err(|e| format!("`{text}`: {e}"))?;
    p.skip();
    if p.rest.is_empty() { Ok(sig) } else { Err(format!("`{text}`: unread rest `{}`", p.rest)) }
}

/// Reads a type alone (bases, interfaces).
pub(crate) fn parse_type(text: &'static str, type_params: &[Str], names: &dyn Names) -> Result<Type, String> {
    let mut p = Reader { rest: text, names, of_type: type_params, of_method: Vec::new() };
    p.ty().map_err(|e| format!("`{text}`: {e}"))
}

struct Reader<'a> {
    rest: &'static str,
    names: &'a dyn Names,
    of_type: &'a [Str],
    of_method: Vec<Str>,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn eat_word(&mut self, word: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(word) {
            Some(rest) if !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.eat(token) { Ok(()) } else { Err(format!("expected `{token}` before `{}`", self.rest)) }
    }

    fn word(&mut self) -> Result<&'static str, String> {
        self.skip();
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() {
            return Err(format!("expected a name before `{rest}`"));
        }
        self.rest = rest;
        Ok(word)
    }

    fn signature(&mut self, owner: &Type) -> Result<Signature, String> {
        let is_static = self.eat_word("static");
        let plain = |kind, name: &str, params, ret| Signature {
            kind,
            name: name.into(),
            is_static,
            type_params: Vec::new(),
            params,
            ret,
        };
        if self.rest.trim_start().starts_with("new(") {
            self.expect("new")?;
            let (params, _) = self.params("(", ")")?;
            return Ok(Signature { is_static: true, ..plain(MemberKind::Constructor, ".ctor", params, owner.clone()) });
        }
        for (word, kind) in [("implicit", MemberKind::Implicit), ("explicit", MemberKind::Explicit)] {
            if self.eat_word(word) {
                self.expect("operator")?;
                let ret = self.ty()?;
                let (params, _) = self.params("(", ")")?;
                return Ok(plain(kind, word, params, ret));
            }
        }
        self.guess_type_params()?;
        let ret = if self.eat_word("void") { Type::Void } else { self.ty()? };
        if self.eat_word("operator") {
            self.skip();
            let end = self.rest.find('(').ok_or("operator without parameters")?;
            let (op, rest) = self.rest.split_at(end);
            self.rest = rest;
            let (params, _) = self.params("(", ")")?;
            return Ok(plain(MemberKind::Operator, op.trim(), params, ret));
        }
        let name = self.word()?;
        if name == "this" {
            let (params, _) = self.params("[", "]")?;
            return Ok(plain(MemberKind::Indexer, "this[]", params, ret));
        }
        self.skip();
        if self.rest.is_empty() {
            return Ok(plain(MemberKind::Property, name, Vec::new(), ret));
        }
        if self.eat("<") {
            while !self.eat(">") {
                self.word()?;
                self.eat(",");
            }
        }
        let (params, extension) = self.params("(", ")")?;
        let kind = if extension { MemberKind::Extension } else { MemberKind::Method };
        Ok(Signature { type_params: std::mem::take(&mut self.of_method), ..plain(kind, name, params, ret) })
    }

    /// The result type stands before the list that declares its type parameters, so look ahead for `Name<...>(`.
    fn guess_type_params(&mut self) -> Result<(), String> {
        // A `(` may also begin a tuple in the result type; only `>(` ends a list of type parameters.
        let Some(end) = self.rest.find(">(") else { return Ok(()) };
        let head = self.rest.get(..end).unwrap_or_default();
        if head.trim_end_matches('>').trim_end().ends_with("operator") {
            return Ok(());
        }
        let start = head.rfind('<').ok_or("unbalanced type parameters")?;
        let list = head.get(start.saturating_add(1)..).unwrap_or_default();
        self.of_method = list.split(',').map(|n| Str::from(n.trim())).collect();
        Ok(())
    }

    fn params(&mut self, open: &str, close: &str) -> Result<(Vec<Parameter>, bool), String> {
        self.expect(open)?;
        let (mut params, mut extension) = (Vec::new(), false);
        while !self.eat(close) {
            extension |= self.eat_word("this");
            let is_params = self.eat_word("params");
            let mode = if self.eat_word("out") {
                Mode::Out
            } else if self.eat_word("ref") {
                Mode::Ref
            } else {
                Mode::In
            };
            let ty = self.ty()?;
            let name = self.word()?;
            let default = if self.eat("=") { Some(self.literal(&ty)?) } else { None };
            params.push(Parameter { name: name.into(), ty, mode, is_params, default });
            if !self.eat(",") {
                self.expect(close)?;
                break;
            }
        }
        Ok((params, extension))
    }

    fn ty(&mut self) -> Result<Type, String> {
        let mut ty = if self.eat("(") { self.tuple()? } else { self.named()? };
        loop {
            if self.eat("[]") {
                ty = Type::array(ty);
            } else if self.eat("?") {
                ty = Type::nullable(ty);
            } else {
                return Ok(ty);
            }
        }
    }

    fn tuple(&mut self) -> Result<Type, String> {
        let (mut items, mut names) = (Vec::new(), Vec::new());
        while !self.eat(")") {
            items.push(self.ty()?);
            self.skip();
            names.push(if self.rest.starts_with([',', ')']) { None } else { Some(Str::from(self.word()?)) });
            self.eat(",");
        }
        Ok(Type::Tuple(Arc::new(TupleType { items, names })))
    }

    fn named(&mut self) -> Result<Type, String> {
        let name = self.word()?;
        for (owner, list) in [(Owner::Method, self.of_method.as_slice()), (Owner::Type, self.of_type)] {
            if let Some(n) = list.iter().position(|p| &**p == name) {
                return Ok(Type::Param(owner, u16::try_from(n).unwrap_or(u16::MAX)));
            }
        }
        let mut args = Vec::new();
        if self.eat("<") {
            while !self.eat(">") {
                args.push(self.ty()?);
                self.eat(",");
            }
        }
        let id = self.names.find(name, args.len()).ok_or_else(|| format!("unknown type `{name}`"))?;
        Ok(if args.is_empty() { Type::Simple(id) } else { Type::generic(id, args) })
    }

    fn literal(&mut self, ty: &Type) -> Result<Value, String> {
        self.skip();
        let end = self.rest.find([',', ')', ']']).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        let text = text.trim();
        let bad = || format!("cannot read default `{text}` of type {ty}");
        if text == "null" || text == "default" {
            return Ok(Value::Null);
        }
        if let Some(s) = text.strip_prefix('"') {
            return Ok(Value::str(s.strip_suffix('"').ok_or_else(bad)?));
        }
        let Type::Simple(id) = ty else { return Err(bad()) };
        Ok(match (keyword(*id), *id) {
            (Some("bool"), _) => Value::Bool(text.parse().map_err(|_| bad())?),
            (Some("int"), _) => Value::Int32(text.parse().map_err(|_| bad())?),
            (Some("long"), _) => Value::Int64(text.parse().map_err(|_| bad())?),
            (Some("double"), _) => Value::Double(text.parse().map_err(|_| bad())?),
            (Some("decimal"), _) => Value::Decimal(text.parse::<Decimal>().map_err(|_| bad())?),
            (Some("char"), _) => Value::Char(text.trim_matches('\'').encode_utf16().next().ok_or_else(bad)?),
            (_, ids::TIME_SPAN) => Value::TimeSpan(text.parse().map_err(|_| bad())?),
            (_, id) => {
                let member = text.rsplit('.').next().unwrap_or(text);
                Value::Enum(id, self.names.enum_value(id, member).ok_or_else(bad)?)
            }
        })
    }
}
