#[bridgehead::entry]
async fn main() -> (u32, u32) {
    (1, 2)
}
