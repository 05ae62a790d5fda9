#[bridgehead::entry]
async fn main() -> Result<(), String> {
    let four = 4;
    drop(four);
}
