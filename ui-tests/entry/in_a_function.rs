// main is missing because only the crate knows what calls it
#![allow(dead_code)]

fn start() {
    #[bridgehead::entry]
    async fn main() {}
}
