#[bridgehead::entry]
async fn main(argc: u32, argv: *const u8) {
    drop((argc, argv));
}
