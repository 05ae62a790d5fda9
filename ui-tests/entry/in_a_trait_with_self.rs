trait Program {
    #[bridgehead::entry]
    async fn main(&self);
}

fn main() {}
