#[bridgehead::entry]
async extern fn main() {}
