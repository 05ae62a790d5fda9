use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    fn connect() -> Result<impl Future<Output = ()>, String> {
        Ok(async {})
    }

    sync_call!(connect());
}
