#![deny(unused_must_use)]

async fn fetch() {}

#[bridgehead::entry]
async fn main() {
    fetch();
}
