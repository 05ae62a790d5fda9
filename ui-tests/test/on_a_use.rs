#[bridgehead::test]
pub use std::future::ready as works;

fn main() {}
