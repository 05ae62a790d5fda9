#[bridgehead::blocking(prefx = "sync_")]
async fn fetch() {}

fn main() {
    blocking_fetch();
}
