#[bridgehead::deny_blocking]
const NUMBER: u32 = 1;

fn main() {
    println!("{NUMBER}");
}
