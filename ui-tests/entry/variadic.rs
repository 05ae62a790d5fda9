#[bridgehead::entry]
async fn main(args: ...) {
    drop(args);
}
