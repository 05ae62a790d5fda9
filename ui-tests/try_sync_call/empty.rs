// originates in the macro because there is no token of the user's
use bridgehead::try_sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    try_sync_call!();
}
