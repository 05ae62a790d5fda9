trait Works {
    #[bridgehead::test]
    async fn works();
}

fn main() {}
