#![doc = include_str!("../docs/misuse.md")]
