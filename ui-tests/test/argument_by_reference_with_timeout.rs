// A test without arguments is not built here: `#[cold]` acts as an attribute that passes them.
#[bridgehead::test(timeout = "10s")]
#[cold]
async fn works(text: &str) {
    drop(text);
}

fn main() {}
