// A test without arguments is not built here: `#[cold]` acts as an attribute that passes them.
#[bridgehead::test]
#[cold]
async fn works(_: u8) {
    let fetch = || std::future::ready(4).await;
    drop(fetch);
}

fn main() {}
