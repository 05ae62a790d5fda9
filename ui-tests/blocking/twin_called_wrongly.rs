#[bridgehead::blocking]
async fn fetch(number: u32) -> u32 {
    number
}

fn main() {
    blocking_fetch("4");
}
