// errors: 3 because there are as many faults, and a mismatch of types that has to do with none
use bridgehead::try_sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let text: String = try_sync_call!(fetch(1).await, timeout = "5");
    drop(text);
}
