#[bridgehead::test]
macro_rules! works {
    () => {};
}

works!();

fn main() {}
