#[bridgehead::entry]
const MAIN: u32 = 4;
