#[bridgehead::blocking(output = u32)]
fn fetch() -> u32 {
    4
}

fn main() {}
