#[bridgehead::test]
async fn works(&self) {
    drop(self);
}

fn main() {}
