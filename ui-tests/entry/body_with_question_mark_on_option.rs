#[bridgehead::entry]
async fn main() -> Result<(), String> {
    Some(4)?;
    Ok(())
}
