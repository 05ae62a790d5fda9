#[bridgehead::entry]
async fn main() {}

mod other {
    #[bridgehead::entry]
    pub async fn main() {}
}

fn not_main() {
    other::main();
}
