#![deny(dead_code)]

mod program {
    #[bridgehead::entry]
    pub async fn main() {}
}

fn main() {}
