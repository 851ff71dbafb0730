//! The one table of types that expressions see: the documented .NET library and `context`. Built once for the process.
use std::sync::LazyLock;

use dotnet::{Builder, TypeTable};

static TYPES: LazyLock<TypeTable> = LazyLock::new(|| {
    let mut builder = Builder::default();
    dotnet::standard(&mut builder);
    builder.build()
});

/// The table.
pub(crate) fn table() -> &'static TypeTable {
    &TYPES
}
