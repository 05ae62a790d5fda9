#[bridgehead::entry]
async fn main() -> Result<(), &'a str> {
    Ok(())
}
