#[bridgehead::test(should_panic = "so")]
async fn works() {}

fn main() {}
