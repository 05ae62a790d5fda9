#[bridgehead::entry]
thread_local! {
    static MAIN: u32 = 4;
}
