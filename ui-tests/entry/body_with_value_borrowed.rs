#[bridgehead::entry]
async fn main() {
    let mut text = String::new();
    let borrowed = &text;
    text.push('a');
    drop(borrowed);
}
