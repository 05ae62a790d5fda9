#[bridgehead::blocking]
async fn fetch() -> u32 {
    numbr
}

fn main() {}
