#[bridgehead::entry]
async fn main() {
    break;
}
