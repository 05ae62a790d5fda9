#[bridgehead::entry]
async fn main() {
    return 4;
}
