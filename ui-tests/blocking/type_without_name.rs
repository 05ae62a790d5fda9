trait Store {}

#[bridgehead::blocking(module = sync)]
impl dyn Store {
    async fn get(&self) {}
}

fn main() {}
