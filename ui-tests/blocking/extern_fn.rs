#[bridgehead::blocking]
async extern "C" fn fetch() {}

fn main() {}
