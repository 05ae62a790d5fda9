use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let mut future = async {
        fetch(1).await
    };
    let _ = sync_call!(&mut future);
}
