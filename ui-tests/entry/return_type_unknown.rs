#[bridgehead::entry]
async fn main() -> Outcome {
    Default::default()
}
