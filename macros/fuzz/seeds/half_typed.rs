#[bridgehead::entry(worker_threads = , flavor = "local" signals = ["SIGINT", true
async fn main( -> Result<(), Box<dyn { let a = bridgehead::sync_call!(client.get( ; if let Some(x) = { match b { => , |c
