fn main() {
    #[bridgehead::test]
    drop(4);
}
