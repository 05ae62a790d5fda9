#[bridgehead::entry]
async fn main() -> Self {
    Ok(())
}
