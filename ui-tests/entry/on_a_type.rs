#[bridgehead::entry]
type Main = u32;
