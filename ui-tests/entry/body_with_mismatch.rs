#[bridgehead::entry]
async fn main() {
    let text: String = 4;
    drop(text);
}
