#[bridgehead::test]
enum Works {
    Well,
}

fn main() {}
