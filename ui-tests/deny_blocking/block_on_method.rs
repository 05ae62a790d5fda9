struct Client {
    handle: tokio::runtime::Handle,
}

#[bridgehead::deny_blocking]
impl Client {
    fn in_a_synchronous_method(&self) {
        self.handle.block_on(async {});
    }

    async fn in_a_closure(&self) {
        let handle = self.handle.clone();
        let _ = tokio::task::spawn_blocking(move || handle.block_on(async {})).await;
    }

    async fn outer(&self) {
        self.handle.block_on(async {});
    }
}

fn main() {
    let client = Client { handle: tokio::runtime::Handle::current() };
    client.in_a_synchronous_method();
    drop(client.in_a_closure());
    drop(client.outer());
}
