use std::sync::Arc;

use bridgehead::{Runner, blocking};

#[blocking(type = BlockingClient)]
struct Client {
    runner: Arc<Runner>,
}

#[blocking(type = BlockingClient, on = self.runner)]
impl Client {
    async fn connect(runner: Arc<Runner>) -> Self {
        Self { runner }
    }

    async fn get(&self) {}
}

fn main() {}
