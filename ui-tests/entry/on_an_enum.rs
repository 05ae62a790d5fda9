#[bridgehead::entry]
enum Main {
    Start,
}
