struct Program;

impl Program {
    #[bridgehead::entry]
    async fn main(&self) {
        self.start().await;
    }

    async fn start(&self) {}
}

fn main() {}
