fn main() {
    #[bridgehead::entry]
    let main = 4;
    drop(main);
}
