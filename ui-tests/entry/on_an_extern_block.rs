#[bridgehead::entry]
unsafe extern "C" {
    fn abort();
}
