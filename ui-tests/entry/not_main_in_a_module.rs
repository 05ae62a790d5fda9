mod program {
    #[bridgehead::entry]
    pub async fn start() {}
}

fn main() {
    program::start();
}
