// errors: 2 because the compiler has two of its own
fn main() {
    let works = #[bridgehead::test]
    async || {};
    drop(works);
}
