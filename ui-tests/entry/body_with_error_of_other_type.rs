struct Failure;

#[bridgehead::entry]
async fn main() -> Result<(), std::fmt::Error> {
    Err(Failure)?;
    Ok(())
}
