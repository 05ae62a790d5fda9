// There is no fn main here.
#[bridgehead::entry]
async fn start() {
    main_loop().await;
}

async fn main_loop() {}

#[rustfmt::skip]
mod other {
fn main() {}
pub fn other() { main() }
}

#[allow(unused)]
use other::other;
