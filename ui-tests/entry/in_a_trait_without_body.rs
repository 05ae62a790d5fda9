trait Program {
    #[bridgehead::entry]
    async fn main();
}

fn main() {}
