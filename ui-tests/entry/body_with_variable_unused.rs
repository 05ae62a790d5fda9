#![deny(unused_variables)]

#[bridgehead::entry]
async fn main() {
    let four = 4;
}
