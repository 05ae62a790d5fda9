#![deny(unused_must_use)]
#![allow(dead_code)]

async fn fetch() {}

// Arguments, as if `#[cold]` passed them, since a test without is no part of this build.
#[bridgehead::test]
#[cold]
async fn works(_: u8) {
    fetch();
}

fn main() {}
