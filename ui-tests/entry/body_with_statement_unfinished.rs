#[bridgehead::entry]
async fn main() {
    let four = ;
}
