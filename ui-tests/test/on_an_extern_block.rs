#[bridgehead::test]
unsafe extern "C" {
    fn works();
}

fn main() {}
