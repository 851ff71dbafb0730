//! Values and members of the .NET types an expression may touch.
