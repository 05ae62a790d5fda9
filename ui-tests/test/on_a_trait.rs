#[bridgehead::test]
trait Works {
    async fn works();
}

fn main() {}
