#[bridgehead::test]
async fn works<'a>() {}

fn main() {}
