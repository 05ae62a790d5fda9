#[bridgehead::test(flavor = "multi_thread", fiber = true)]
async fn works() {}

fn main() {}
