#[bridgehead::blocking(rename = "fetch_sync")]
async fn fetch() {}

fn main() {
    blocking_fetch();
}
