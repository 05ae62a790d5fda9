#[bridgehead::entry]
async fn main() -> _ {
    ()
}
