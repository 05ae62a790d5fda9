use bridgehead::try_sync_call;

fn wait() -> Result<u32, std::fmt::Error> {
    let number = try_sync_call!(async { 4 })?;
    Ok(number)
}

fn main() {}
