//! Twins that `#[blocking]` generates.

use bridgehead::blocking;

#[blocking]
pub async fn fetch() -> u32 {
    4
}

pub struct Client;

#[blocking]
impl Client {
    pub async fn load(&self) -> u32 {
        4
    }

    pub fn name(&self) -> &str {
        "client"
    }
}

pub async fn function() {
    blocking_fetch(); //~ blocking_fetch
    fetch().await;
}

pub async fn method(client: Client) {
    client.blocking_load(); //~ blocking_load
    client.load().await;
    client.name();
}

pub async fn through_another(client: Client) {
    indirect(&client); //~ blocking_load
}

fn indirect(client: &Client) {
    client.blocking_load();
}

#[blocking]
pub trait Store {
    async fn get(&self) -> u32;
}

pub async fn of_a_trait(store: impl BlockingStore) {
    store.blocking_get(); //~ blocking_get
}

#[blocking(type = BlockingServer)]
pub struct Server;

#[blocking(type = BlockingServer, forward)]
impl Server {
    pub fn new() -> Self {
        Self
    }

    pub async fn ask(&self) -> u32 {
        4
    }
}

pub async fn of_a_type(server: BlockingServer) {
    server.ask(); //~ ask
    BlockingServer::new();
}

pub struct Renamed;

#[blocking(suffix = "_now", timeout)]
impl Renamed {
    pub async fn load(&self) -> u32 {
        4
    }

    #[blocking(name = "fetch")]
    pub async fn get(&self) -> u32 {
        4
    }

    #[blocking(skip)]
    pub async fn skipped(&self) {}
}

pub async fn of_other_names(renamed: Renamed) {
    renamed.load_now(); //~ load_now
    let _ = renamed.load_now_timeout(std::time::Duration::ZERO); //~ load_now_timeout
    renamed.fetch(); //~ fetch
}

#[blocking(prefix = "sync_")]
pub trait Cache {
    async fn get(&self) -> u32;
}

pub async fn of_a_trait_of_another_name(cache: impl SyncCache) {
    cache.sync_get(); //~ sync_get
}

#[blocking(module = waiting)]
pub struct Remote;

#[blocking(module = waiting)]
impl Remote {
    pub async fn ping(&self) {}
}

pub async fn of_a_module(remote: waiting::Remote) {
    remote.ping(); //~ ping
}
