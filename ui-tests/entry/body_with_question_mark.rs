#[bridgehead::entry]
async fn main() {
    std::fs::read("file")?;
}
