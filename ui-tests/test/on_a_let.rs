fn main() {
    #[bridgehead::test]
    let works = 4;
    drop(works);
}
