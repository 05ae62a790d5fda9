#[bridgehead::blocking]
async fn fetch() -> u32 {
    "4"
}

fn main() {}
