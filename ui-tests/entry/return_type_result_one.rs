#[bridgehead::entry]
async fn main() -> Result<()> {
    Ok(())
}
