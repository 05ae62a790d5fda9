//! The cases are in this package's folders, one fault a file; `tests/ui.rs` runs them.
