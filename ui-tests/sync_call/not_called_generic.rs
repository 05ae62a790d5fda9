use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

async fn echo<T>(value: T) -> T {
    value
}

fn main() {
    let _ = sync_call!(echo::<u32>);
}
