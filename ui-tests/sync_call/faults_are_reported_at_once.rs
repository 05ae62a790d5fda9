// errors: 3 because there are as many faults
use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let text: String = sync_call!(|| fetch(1), timeout = "5s", krate = bridgehead);
    drop(text);
}
