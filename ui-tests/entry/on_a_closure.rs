// errors: 2 because the compiler has two of its own
fn main() {
    let main = #[bridgehead::entry] async || {};
    drop(main);
}
