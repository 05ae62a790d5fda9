#[bridgehead::entry]
async fn main(args: Vec<String>) {
    drop(args);
}
