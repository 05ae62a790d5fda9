#[bridgehead::blocking(vis = "pub")]
async fn fetch() {}

fn main() {
    blocking_fetch();
}
