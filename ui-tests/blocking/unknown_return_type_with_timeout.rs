// errors: 2 because the compiler has another hint for a type that stands inside of a `Result`.
#[bridgehead::blocking(timeout)]
async fn fetch() -> Url {
    todo!()
}

fn main() {}
