#[bridgehead::test("multi_thread")]
async fn works() {}

fn main() {}
