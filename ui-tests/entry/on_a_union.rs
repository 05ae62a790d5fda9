#[bridgehead::entry]
union Main { a: u32 }
