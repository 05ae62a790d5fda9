// errors: 2 because there is a fault in the signature and another one in the body
#[bridgehead::entry]
fn main() {
    let text: String = 4;
    drop(text);
}
