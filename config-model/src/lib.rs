//! The nouns that both binaries share, and the bytes between them.
