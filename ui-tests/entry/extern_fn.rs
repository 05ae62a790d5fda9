#[bridgehead::entry]
async extern "C" fn main() {}
