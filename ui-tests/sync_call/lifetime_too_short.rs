use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let future;
    {
        let text = String::new();
        future = async { text.len() };
    }
    let _ = sync_call!(future);
}
