#[bridgehead::test(unhandled = "fial")]
async fn works() {}

fn main() {}
