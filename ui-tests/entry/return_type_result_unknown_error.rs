#[bridgehead::entry]
async fn main() -> Result<(), Failure> {
    Ok(())
}
