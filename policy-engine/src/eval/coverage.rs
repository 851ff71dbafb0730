//! What of the documented types and members expressions can use: the type table beside the list of `documented.txt`, which
//! `scripts/documented_members.py` writes.
use std::collections::HashSet;

use dotnet::{Member, MemberKind, Mode, Parameter, Type, TypeDef, TypeTable};

const DOCUMENTED: &str = include_str!("documented.txt");

/// A type that expressions may use, or that the documentation has.
pub struct TypeListing {
    /// Full name.
    pub name: String,
    /// C# signatures of the members that are implemented, in the order of the table.
    pub members: Vec<&'static str>,
    /// Members that the documentation has and the table lacks: name and types of parameters. Members over types outside of the table are
    /// left out: no expression could name what they want.
    pub missing: Vec<&'static str>,
    /// How many members the documentation has, those left out apart.
    pub documented: usize,
}

/// Every type and member that expressions may use, and what is missing of the documented ones, in the order of names.
pub fn members() -> Vec<TypeListing> {
    let table: &TypeTable = crate::types::table();
    let names = names(table);
    let mut all: Vec<TypeListing> = table.types().into_iter().map(listing).collect();
    for (name, wanted) in documented() {
        let def = find(table, name);
        let have = def.map(|def| offered(table, def)).unwrap_or_default();
        let is_known = |word: &str| names.contains(word) || is_type_parameter(word);
        let is_reachable = |member: &&str| def.is_none() || words(member).all(is_known);
        let wanted: Vec<&str> = wanted.into_iter().filter(is_reachable).collect();
        let missing = wanted.iter().copied().filter(|member| !is_offered(&have, member)).collect();
        let shown = def.map_or_else(|| name.to_owned(), full_name);
        match all.iter_mut().find(|t| t.name == shown) {
            Some(listed) => (listed.missing, listed.documented) = (missing, wanted.len()),
            None => all.push(TypeListing { name: shown, members: Vec::new(), missing, documented: wanted.len() }),
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

fn listing(def: &TypeDef) -> TypeListing {
    let members = def.members.iter().map(|m| m.text).collect();
    TypeListing { name: full_name(def), members, missing: Vec::new(), documented: 0 }
}

fn full_name(def: &TypeDef) -> String {
    let params: Vec<&str> = def.type_params.iter().map(|p| &**p).collect();
    let params = if params.is_empty() { String::new() } else { format!("<{}>", params.join(", ")) };
    format!("{}.{}{params}", def.id.namespace(), def.id.simple_name())
}

/// The documented types with their members.
fn documented() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut types: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in DOCUMENTED.lines().filter(|l| !l.starts_with('#')) {
        match (line.strip_prefix("    "), types.last_mut()) {
            (Some(member), Some((_, members))) => members.push(member),
            _ => types.push((line, Vec::new())),
        }
    }
    types
}

/// The type of a name such as `System.Tuple` or `System.Collections.Generic.Dictionary<,>`.
fn find<'t>(table: &'t TypeTable, name: &str) -> Option<&'t TypeDef> {
    let (name, arity) = match name.split_once('<') {
        Some((name, params)) => (name, params.matches(',').count().saturating_add(1)),
        None => (name, 0),
    };
    table.get(table.full(name, arity)?)
}

/// What a type offers, in the form of the list: its own members and those it inherits.
fn offered(table: &TypeTable, def: &TypeDef) -> HashSet<String> {
    let mut all: HashSet<String> = def.enum_values.iter().map(|(name, _)| format!("static {name}")).collect();
    let mut types = vec![def.open_type()];
    types.extend(table.interfaces_of(&def.open_type()));
    let mut base = table.base_of(&def.open_type());
    while let Some(ty) = base {
        base = table.base_of(&ty);
        types.push(ty);
    }
    types.push(Type::OBJECT);
    for ty in &types {
        let Some(def) = ty.id().and_then(|id| table.get(id)) else { continue };
        let members = def.members.iter().filter(|m| *ty == def.open_type() || m.kind != MemberKind::Constructor);
        all.extend(members.map(|m| form(m, ty.args())));
    }
    // Arithmetic of these, and their conversions, are the language's own.
    if dotnet::types::keyword(def.id).is_some() {
        all.insert("op_".into());
    }
    all
}

fn is_offered(have: &HashSet<String>, member: &str) -> bool {
    if have.contains(member) || (member.starts_with("op_") && have.contains("op_")) {
        return true;
    }
    // A type parameter with a constraint is the constraint in our table: `Elements<T>(IEnumerable<T>)` where `T : XContainer`.
    let Some((before, after)) = member.split_once("TM0") else { return false };
    have.iter().any(|m| m.strip_prefix(before).and_then(|m| m.strip_suffix(after)).is_some_and(|t| !t.contains(',')))
}

fn form(m: &Member, owner: &[Type]) -> String {
    let types = |params: &[Parameter]| {
        let one = |p: &Parameter| {
            let mode = match p.mode {
                Mode::In => "",
                Mode::Out => "out ",
                Mode::Ref => "ref ",
            };
            format!("{mode}{}", p.ty.substitute(owner, &[]))
        };
        params.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let place = if m.is_static || m.kind == MemberKind::Extension { "static " } else { "" };
    match m.kind {
        MemberKind::Method | MemberKind::Extension => format!("{place}{}({})", m.name, types(&m.params)),
        MemberKind::Property => format!("{place}{}", m.name),
        MemberKind::Indexer => format!("this[{}]", types(&m.params)),
        MemberKind::Constructor => format!("new({})", types(&m.params)),
        MemberKind::Operator => format!("{}({})", operator(&m.name, m.params.len()), types(&m.params)),
        MemberKind::Implicit => format!("op_Implicit({}) {}", types(&m.params), m.ret.substitute(owner, &[])),
        MemberKind::Explicit => format!("op_Explicit({}) {}", types(&m.params), m.ret.substitute(owner, &[])),
    }
}

/// What reflection calls an operator.
fn operator(text: &str, operands: usize) -> &'static str {
    match (text, operands) {
        ("+", 1) => "op_UnaryPlus",
        ("-", 1) => "op_UnaryNegation",
        ("+", _) => "op_Addition",
        ("-", _) => "op_Subtraction",
        ("*", _) => "op_Multiply",
        ("/", _) => "op_Division",
        ("%", _) => "op_Modulus",
        ("==", _) => "op_Equality",
        ("!=", _) => "op_Inequality",
        ("<", _) => "op_LessThan",
        (">", _) => "op_GreaterThan",
        ("<=", _) => "op_LessThanOrEqual",
        (">=", _) => "op_GreaterThanOrEqual",
        _ => "operator",
    }
}

/// The names of types in a member of the list.
fn words(member: &str) -> impl Iterator<Item = &str> {
    let types = member.find(['(', '[']).and_then(|at| member.get(at..)).unwrap_or_default();
    types
        .split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '*'))
        .filter(|w| !w.is_empty() && *w != "out" && *w != "ref")
}

/// Names of types that a member may be over.
fn names(table: &TypeTable) -> HashSet<&'static str> {
    let keywords = dotnet::types::KEYWORDS.iter().map(|(name, _)| *name);
    table.types().iter().map(|t| t.id.simple_name()).chain(keywords).collect()
}

fn is_type_parameter(word: &str) -> bool {
    word.trim_start_matches(['T', 'M']).chars().all(|c| c.is_ascii_digit())
}
