#[bridgehead::entry]
async unsafe fn main() {}
