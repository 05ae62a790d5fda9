//! A second entry inside the first is refused.

#[bridgehead::entry]
async fn main() {
    inner::main();
}

mod inner {
    #[bridgehead::entry]
    pub(super) async fn main() {
        println!("reached");
    }
}
