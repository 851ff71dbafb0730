//! C# text and a type table in, a callable program out.
