//! Static types as the binder and the members see them: a definition's identity, and constructed types over it.
//!
//! A [`TypeId`] is the .NET metadata name (``System.Collections.Generic.List`1``); no registration order is involved, so
//! every file can name its types as constants. What a type *offers* stands in [`crate::table::TypeTable`].
use std::fmt;
use std::sync::Arc;

/// Identity of a type definition: its full .NET metadata name with arity mark.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub &'static str);

impl TypeId {
    /// Name without namespace and arity mark: `List` for ``System.Collections.Generic.List`1``.
    pub fn simple_name(self) -> &'static str {
        let last = self.0.rsplit(['.', '+']).next().unwrap_or(self.0);
        last.split('`').next().unwrap_or(last)
    }

    /// Namespace part; empty for none. Nested types (`A.B+C`) belong to the namespace of their outer type.
    pub fn namespace(self) -> &'static str {
        self.0.rsplit_once('.').map_or("", |(ns, _)| ns)
    }

    /// Number of type parameters by the arity mark.
    pub fn arity(self) -> usize {
        self.0.rsplit_once('`').and_then(|(_, n)| n.parse().ok()).unwrap_or(0)
    }
}

impl fmt::Debug for TypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! well_known {
    ($($name:ident = $text:literal;)*) => { $(#[doc = concat!("`", $text, "`")] pub const $name: TypeId = TypeId($text);)* };
}

/// Identities that the language itself knows.
pub mod ids {
    use super::TypeId;
    well_known! {
        OBJECT = "System.Object"; STRING = "System.String"; BOOLEAN = "System.Boolean"; CHAR = "System.Char";
        SBYTE = "System.SByte"; BYTE = "System.Byte"; INT16 = "System.Int16"; UINT16 = "System.UInt16";
        INT32 = "System.Int32"; UINT32 = "System.UInt32"; INT64 = "System.Int64"; UINT64 = "System.UInt64";
        SINGLE = "System.Single"; DOUBLE = "System.Double"; DECIMAL = "System.Decimal";
        VALUE_TYPE = "System.ValueType"; ENUM = "System.Enum"; DELEGATE = "System.Delegate"; ARRAY = "System.Array";
        NULLABLE = "System.Nullable`1"; TYPE = "System.Type"; EXCEPTION = "System.Exception";
        DATE_TIME = "System.DateTime"; DATE_TIME_OFFSET = "System.DateTimeOffset"; TIME_SPAN = "System.TimeSpan"; GUID = "System.Guid";
        DISPOSABLE = "System.IDisposable"; INDEX = "System.Index"; RANGE = "System.Range";
        FORMATTABLE = "System.IFormattable"; FORMATTABLE_STRING = "System.FormattableString";
        COMPARABLE = "System.IComparable"; COMPARABLE_T = "System.IComparable`1"; EQUATABLE_T = "System.IEquatable`1";
        ENUMERABLE = "System.Collections.IEnumerable"; ENUMERABLE_T = "System.Collections.Generic.IEnumerable`1";
        ENUMERATOR = "System.Collections.IEnumerator"; ENUMERATOR_T = "System.Collections.Generic.IEnumerator`1";
        COLLECTION_T = "System.Collections.Generic.ICollection`1"; ILIST_T = "System.Collections.Generic.IList`1";
        READ_ONLY_LIST_T = "System.Collections.Generic.IReadOnlyList`1"; READ_ONLY_COLLECTION_T = "System.Collections.Generic.IReadOnlyCollection`1";
        IDICTIONARY_T = "System.Collections.Generic.IDictionary`2"; READ_ONLY_DICTIONARY_T = "System.Collections.Generic.IReadOnlyDictionary`2";
        LIST_T = "System.Collections.Generic.List`1"; DICTIONARY_T = "System.Collections.Generic.Dictionary`2";
        KEY_VALUE_PAIR_T = "System.Collections.Generic.KeyValuePair`2"; GROUPING_T = "System.Linq.IGrouping`2"; ORDERED_ENUMERABLE_T = "System.Linq.IOrderedEnumerable`1";
    }
}

/// Whose type parameter a [`Type::Param`] is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Owner {
    /// Of the generic type definition that holds the member.
    Type,
    /// Of the generic method itself.
    Method,
}

/// Fields of an anonymous type, in order. Two anonymous types are the same if names, types and order agree (C# specification, anonymous object creation).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Shape {
    /// Name and type of each property.
    pub fields: Vec<(Arc<str>, Type)>,
}

/// A tuple type; names are for the compiler only and do not take part in identity.
#[derive(Clone, Debug)]
pub struct TupleType {
    /// Element types.
    pub items: Vec<Type>,
    /// Element names where written.
    pub names: Vec<Option<Arc<str>>>,
}

impl PartialEq for TupleType {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items
    }
}
impl Eq for TupleType {}
impl std::hash::Hash for TupleType {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.items.hash(state);
    }
}

/// A constructed type.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub enum Type {
    /// Result of a procedure.
    Void,
    /// Type of the literal `null` before conversion.
    Null,
    /// A mistake was already reported; compatible with everything so that one mistake gives one diagnostic.
    #[default]
    Error,
    /// A definition without type arguments.
    Simple(TypeId),
    /// A definition with type arguments.
    Generic(TypeId, Arc<[Type]>),
    /// One-dimensional array (jagged arrays are arrays of arrays).
    Array(Arc<Type>),
    /// `T` in a signature, by number.
    Param(Owner, u16),
    /// `new { A = 1 }`.
    Anonymous(Arc<Shape>),
    /// `(int, string)`.
    Tuple(Arc<TupleType>),
}

macro_rules! simple {
    ($($name:ident = $id:ident;)*) => { $(#[doc = concat!("[`ids::", stringify!($id), "`]")] pub const $name: Type = Type::Simple(ids::$id);)* };
}

impl Type {
    simple! {
        OBJECT = OBJECT; STRING = STRING; BOOL = BOOLEAN; CHAR = CHAR; SBYTE = SBYTE; BYTE = BYTE; SHORT = INT16; USHORT = UINT16;
        INT = INT32; UINT = UINT32; LONG = INT64; ULONG = UINT64; FLOAT = SINGLE; DOUBLE = DOUBLE; DECIMAL = DECIMAL;
        DATE_TIME = DATE_TIME; DATE_TIME_OFFSET = DATE_TIME_OFFSET; TIME_SPAN = TIME_SPAN; GUID = GUID; EXCEPTION = EXCEPTION;
    }

    /// Constructed generic type.
    pub fn generic(id: TypeId, args: impl Into<Arc<[Type]>>) -> Type {
        Type::Generic(id, args.into())
    }

    /// `T[]`.
    pub fn array(item: Type) -> Type {
        Type::Array(Arc::new(item))
    }

    /// `T?` of a value type.
    pub fn nullable(item: Type) -> Type {
        Type::generic(ids::NULLABLE, [item])
    }

    /// `IEnumerable<T>`.
    pub fn enumerable(item: Type) -> Type {
        Type::generic(ids::ENUMERABLE_T, [item])
    }

    /// The definition, if it has one.
    pub fn id(&self) -> Option<TypeId> {
        match self {
            Type::Simple(id) | Type::Generic(id, _) => Some(*id),
            _ => None,
        }
    }

    /// Type arguments; empty for none.
    pub fn args(&self) -> &[Type] {
        match self {
            Type::Generic(_, args) => args,
            _ => &[],
        }
    }

    /// `T` of `Nullable<T>`.
    pub fn nullable_of(&self) -> Option<&Type> {
        match self {
            Type::Generic(id, args) if *id == ids::NULLABLE => args.first(),
            _ => None,
        }
    }

    /// Element type of an array.
    pub fn item(&self) -> Option<&Type> {
        match self {
            Type::Array(item) => Some(item),
            _ => None,
        }
    }

    /// Replaces type parameters: `of_type` for [`Owner::Type`], `of_method` for [`Owner::Method`]. Missing ones stay.
    pub fn substitute(&self, of_type: &[Type], of_method: &[Type]) -> Type {
        let all = |items: &[Type]| items.iter().map(|t| t.substitute(of_type, of_method)).collect::<Vec<_>>();
        match self {
            Type::Param(Owner::Type, n) => of_type.get(usize::from(*n)).cloned().unwrap_or_else(|| self.clone()),
            Type::Param(Owner::Method, n) => of_method.get(usize::from(*n)).cloned().unwrap_or_else(|| self.clone()),
            Type::Generic(id, args) => Type::Generic(*id, all(args).into()),
            Type::Array(item) => Type::array(item.substitute(of_type, of_method)),
            Type::Tuple(t) => Type::Tuple(Arc::new(TupleType { items: all(&t.items), names: t.names.clone() })),
            other => other.clone(),
        }
    }

    /// Does a type parameter occur in it?
    pub fn is_open(&self) -> bool {
        match self {
            Type::Param(..) => true,
            Type::Generic(_, args) => args.iter().any(Type::is_open),
            Type::Array(item) => item.is_open(),
            Type::Tuple(t) => t.items.iter().any(Type::is_open),
            _ => false,
        }
    }

    /// Full CLR name as exception messages spell it: `System.Int32`, ``System.Collections.Generic.List`1[System.Int32]``.
    pub fn clr_name(&self) -> String {
        let list = |items: &[Type]| items.iter().map(Type::clr_name).collect::<Vec<_>>().join(",");
        match self {
            Type::Void => "System.Void".into(),
            Type::Null | Type::Error => "System.Object".into(),
            Type::Simple(id) => id.0.into(),
            Type::Generic(id, args) => format!("{}[{}]", id.0, list(args)),
            Type::Array(item) => format!("{}[]", item.clr_name()),
            Type::Param(_, n) => format!("T{n}"),
            Type::Anonymous(s) => {
                let items: Vec<Type> = s.fields.iter().map(|(_, t)| t.clone()).collect();
                format!("<>f__AnonymousType0`{}[{}]", items.len(), list(&items))
            }
            Type::Tuple(t) => format!("System.ValueTuple`{}[{}]", t.items.len(), list(&t.items)),
        }
    }
}

/// C# spelling, as diagnostics and evaluation answers show it: `int`, `List<string>`, `Dictionary<string, int>`, `int?`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Void => f.write_str("void"),
            Type::Null => f.write_str("<null>"),
            Type::Error => f.write_str("?"),
            Type::Simple(id) => f.write_str(keyword(*id).unwrap_or_else(|| id.simple_name())),
            Type::Generic(id, args) if *id == ids::NULLABLE => match args.first() {
                Some(t) => write!(f, "{t}?"),
                None => f.write_str("Nullable"),
            },
            Type::Generic(id, args) => {
                f.write_str(id.simple_name())?;
                write_list(f, "<", args.iter(), ">")
            }
            Type::Array(item) => write!(f, "{item}[]"),
            Type::Param(Owner::Type, n) => write!(f, "T{n}"),
            Type::Param(Owner::Method, n) => write!(f, "TM{n}"),
            Type::Anonymous(s) => {
                f.write_str("<anonymous type: ")?;
                for (i, (name, t)) in s.fields.iter().enumerate() {
                    write!(f, "{}{t} {name}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str(">")
            }
            Type::Tuple(t) => write_list(f, "(", t.items.iter(), ")"),
        }
    }
}

impl fmt::Debug for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn write_list<'a>(
    f: &mut fmt::Formatter<'_>,
    open: &str,
    items: impl Iterator<Item = &'a Type>,
    close: &str,
) -> fmt::Result {
    f.write_str(open)?;
    for (i, t) in items.enumerate() {
        write!(f, "{}{t}", if i == 0 { "" } else { ", " })?;
    }
    f.write_str(close)
}

/// The primitive types of the language, in the order of their `TypeCode` (from 3 on).
pub const PRIMITIVES: [Type; 12] = [
    Type::BOOL,
    Type::CHAR,
    Type::SBYTE,
    Type::BYTE,
    Type::SHORT,
    Type::USHORT,
    Type::INT,
    Type::UINT,
    Type::LONG,
    Type::ULONG,
    Type::FLOAT,
    Type::DOUBLE,
];

/// The C# keywords that name types.
pub const KEYWORDS: &[(&str, TypeId)] = &[
    ("object", ids::OBJECT),
    ("string", ids::STRING),
    ("bool", ids::BOOLEAN),
    ("char", ids::CHAR),
    ("sbyte", ids::SBYTE),
    ("byte", ids::BYTE),
    ("short", ids::INT16),
    ("ushort", ids::UINT16),
    ("int", ids::INT32),
    ("uint", ids::UINT32),
    ("long", ids::INT64),
    ("ulong", ids::UINT64),
    ("float", ids::SINGLE),
    ("double", ids::DOUBLE),
    ("decimal", ids::DECIMAL),
];

/// The C# keyword for a type, where there is one.
pub fn keyword(id: TypeId) -> Option<&'static str> {
    KEYWORDS.iter().find(|(_, k)| *k == id).map(|(name, _)| *name)
}
