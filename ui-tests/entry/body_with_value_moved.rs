#[bridgehead::entry]
async fn main() {
    let text = String::new();
    drop(text);
    drop(text);
}
