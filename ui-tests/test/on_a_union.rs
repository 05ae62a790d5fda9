#[bridgehead::test]
union Works {
    a: u32,
}

fn main() {}
