use bridgehead::try_sync_call;

fn wait(future: Box<dyn Future<Output = u32>>) -> u32 {
    try_sync_call!(future).unwrap()
}

fn main() {}
