#[bridgehead::entry]
async fn main() -> u32 {
    4
}
