#[bridgehead::test]
mod works {
    async fn works() {}
}

fn main() {}
