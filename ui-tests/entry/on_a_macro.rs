#[bridgehead::entry]
macro_rules! start {
    () => {};
}

start!();
