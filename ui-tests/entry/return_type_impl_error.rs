#[bridgehead::entry]
async fn main() -> Result<(), impl std::fmt::Display> {
    Ok::<_, String>(())
}
