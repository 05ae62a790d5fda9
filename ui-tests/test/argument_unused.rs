#![deny(unused_variables)]
#![allow(dead_code)]

// Arguments, as if `#[cold]` passed them, since a test without is no part of this build.
#[bridgehead::test]
#[cold]
async fn works(number: u8) {}

fn main() {}
