#[bridgehead::blocking]
async fn fetch(url: Url) {
    drop(url);
}

fn main() {}
