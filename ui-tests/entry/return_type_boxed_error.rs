#[bridgehead::entry]
async fn main() -> Box<dyn std::error::Error> {
    "".into()
}
