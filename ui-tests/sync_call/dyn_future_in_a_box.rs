use bridgehead::sync_call;

fn wait(future: Box<dyn Future<Output = u32>>) -> u32 {
    sync_call!(future)
}

fn main() {}
