use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let text = sync_call!(std::future::ready(String::from("text").as_str()));
    println!("{text}");
}
