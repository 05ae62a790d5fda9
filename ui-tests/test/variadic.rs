#[bridgehead::test]
async fn works(args: ...) {
    drop(args);
}

fn main() {}
