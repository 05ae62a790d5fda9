#[bridgehead::test("leaks" = "fail")]
async fn works() {}

fn main() {}
