#[bridgehead::blocking]
mod client {}

fn main() {}
