#[bridgehead::entry]
struct Main;
