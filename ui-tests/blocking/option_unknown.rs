#[bridgehead::blocking(colour = "red")]
async fn fetch() {}

fn main() {
    blocking_fetch();
}
