struct Works;

impl Works {
    #[bridgehead::test]
    async fn works(&self) {
        drop(self);
    }
}

fn main() {}
