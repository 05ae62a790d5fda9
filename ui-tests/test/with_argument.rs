#[bridgehead::test]
async fn works(number: u32) {
    drop(number);
}

fn main() {}
