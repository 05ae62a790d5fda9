use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    macro_rules! wait {
        ($future:expr) => {
            sync_call!($future)
        };
    }

    let text = "text";
    let _ = wait!(text);
}
