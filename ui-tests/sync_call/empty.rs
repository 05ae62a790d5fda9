// originates in the macro because there is no token of the user's to which it could point
use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    sync_call!();
}
