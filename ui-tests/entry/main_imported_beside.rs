use other::main;

mod other {
    pub fn main() {}
}

#[bridgehead::entry]
async fn main() {}
