use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let mut text = String::new();
    let borrowed = &mut text;
    let _ = sync_call!(async { text.len() });
    borrowed.clear();
}
