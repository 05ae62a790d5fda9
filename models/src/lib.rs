//! The models are in `tests/models`. They are built with the feature `loom` alone.
