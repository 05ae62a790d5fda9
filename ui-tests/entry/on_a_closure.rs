// errors: 2 because the compiler reports two of its own
fn main() {
    let main = #[bridgehead::entry] async || {};
    drop(main);
}
