// main is missing because the attribute doesn't see the function around `main`
#![allow(dead_code)]

fn start() {
    #[bridgehead::entry]
    async fn main() {}
}
