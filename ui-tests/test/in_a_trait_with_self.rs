trait Works {
    #[bridgehead::test]
    async fn works(&self);
}

fn main() {}
