use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let text = String::new();
    sync_call!(async move { drop(text) });
    println!("{text}");
}
