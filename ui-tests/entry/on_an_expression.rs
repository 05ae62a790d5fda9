fn main() {
    #[bridgehead::entry]
    drop(4);
}
