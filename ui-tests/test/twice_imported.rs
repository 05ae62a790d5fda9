use bridgehead::test;

#[test]
#[test]
async fn works() {}

fn main() {}
