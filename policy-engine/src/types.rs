//! The one table of types that expressions see: the documented .NET library and `context`. Built once for the process.
use std::sync::{Arc, LazyLock};

use dotnet::{Builder, TypeTable};

static TYPES: LazyLock<Arc<TypeTable>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    dotnet::standard(&mut builder);
    crate::context::define(&mut builder);
    Arc::new(builder.build())
});

/// The table.
pub(crate) fn table() -> &'static Arc<TypeTable> {
    &TYPES
}
