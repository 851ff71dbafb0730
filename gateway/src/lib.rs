//! Library face of the package.
