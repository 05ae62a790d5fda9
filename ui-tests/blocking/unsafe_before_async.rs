#[bridgehead::blocking]
unsafe async fn get() -> u32 {
    1
}

fn main() {}
