// errors: 2 because the compiler has another hint for a type inside of a `Result`
#[bridgehead::blocking(timeout)]
async fn fetch() -> Url {
    todo!()
}

fn main() {}
