#[bridgehead::entry]
async fn main() -> impl Send {
    4
}
