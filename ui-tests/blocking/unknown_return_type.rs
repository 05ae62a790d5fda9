#[bridgehead::blocking]
async fn fetch() -> Url {
    todo!()
}

fn main() {}
