// errors: 12 because there are as many faults
struct Client;

#[bridgehead::blocking(
    method = "get",
    postfix = "_sync",
    exclude,
    ty = Other,
    twin = Other,
    mod = other,
    time_limit,
    sync,
    returns = u32,
    visibility = pub,
    public,
    runtime = runner
)]
impl Client {
    async fn get(&self) {}
}

fn main() {}
