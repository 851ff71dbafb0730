//! Values and members of the .NET types that a policy expression may touch.
//!
//! One type a file; each file ends in `define(&mut Builder)`, the table of its members with their C# signatures, and [`standard`]
//! joins them. The library knows no source text, no HTTP and no clock: time, chance and limits come through [`Ambient`].
//! Sources of behaviour: the .NET and Newtonsoft.Json documentation and answers of real .NET (invariant culture, UTC).
pub mod ambient;
pub mod collections;
pub mod cryptography;
pub mod culture;
pub mod decimal;
pub mod exception;
pub mod format;
pub mod intern;
pub mod member;
mod net;
pub mod newtonsoft;
mod number;
pub mod object;
mod signature;
mod system;
pub mod table;
pub mod text;
pub mod types;
pub mod utf16;
pub mod value;
pub mod xml_linq;

pub use ambient::Ambient;
pub use exception::{Exception, Result};
pub use member::{
    Append, Call, Give, Known, Member, MemberKind, Mode, Native, Parameter, Prepare, QueryOperator, Ready,
};
pub use table::{Builder, TypeBuilder, TypeDef, TypeKind, TypeTable};
pub use types::{Owner, Shape, TupleType, Type, TypeId, ids};
pub use value::{Callable, DateTime, DateTimeOffset, Enumerator, Object, Str, Value};

/// Adds the whole documented library and its imported namespaces.
pub fn standard(b: &mut Builder) {
    for namespace in IMPORTS {
        b.import(namespace);
    }
    system::define(b);
    collections::define(b);
    text::define(b);
    net::define(b);
    newtonsoft::define(b);
    xml_linq::define(b);
    cryptography::define(b);
}

/// Namespaces whose types an expression may name without prefix.
pub const IMPORTS: &[&str] = &[
    "System",
    "System.Collections",
    "System.Collections.Generic",
    "System.Globalization",
    "System.IO",
    "System.Linq",
    "System.Net",
    "System.Security.Cryptography",
    "System.Security.Cryptography.X509Certificates",
    "System.Text",
    "System.Text.RegularExpressions",
    "System.Xml.Linq",
    "Newtonsoft.Json",
    "Newtonsoft.Json.Linq",
];
