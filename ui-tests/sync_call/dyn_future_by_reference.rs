use bridgehead::sync_call;

fn wait(future: &mut dyn Future<Output = u32>) -> u32 {
    sync_call!(future)
}

fn main() {}
