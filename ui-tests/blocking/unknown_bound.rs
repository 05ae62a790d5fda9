#[bridgehead::blocking]
async fn fetch<T: Fetchable>(what: T) {
    drop(what);
}

fn main() {}
