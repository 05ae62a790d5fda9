// errors: 5 because there are as many faults
#[bridgehead::blocking("sync_")]
async fn fetch() {}

#[bridgehead::blocking(type = BlockingClient, "Sync")]
struct Client;

struct Other;

#[bridgehead::blocking("sync_")]
impl Other {
    async fn get(&self) {}
}

#[bridgehead::blocking]
impl Other {
    #[blocking("sync_")]
    async fn set(&self) {}
}

#[bridgehead::blocking("Sync")]
trait Store {
    async fn get(&self);
}

fn main() {}
