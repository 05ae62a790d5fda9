#![deny(unreachable_code)]

#[bridgehead::entry]
async fn main() {
    return;
    println!();
}
