#[bridgehead::test]
fn works() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {});
}

fn main() {}
