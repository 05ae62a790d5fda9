#[bridgehead::test]
#[cold]
async fn works(number: Number) {
    drop(number);
}

fn main() {}
