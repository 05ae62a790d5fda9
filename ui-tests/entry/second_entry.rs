#[bridgehead::entry]
async fn main() {}

mod other {
    use std::process::ExitCode;

    #[bridgehead::entry]
    pub async fn main() -> ExitCode {
        ExitCode::SUCCESS
    }
}

fn not_main() {
    let status = other::main();
    println!("{status:?}");
}
