#[bridgehead::entry]
static MAIN: u32 = 4;
