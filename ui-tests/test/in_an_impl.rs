struct Works;
impl Works {
    #[bridgehead::test]
    async fn works() {}
}

fn main() {}
