#[bridgehead::entry]
extern crate std as standard;
