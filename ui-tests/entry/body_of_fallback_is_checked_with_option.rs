// errors: 2 because there is a fault in the options and another one in the body
#[bridgehead::entry(colour = 4)]
async fn main() {
    let text: String = 4;
    drop(text);
}
