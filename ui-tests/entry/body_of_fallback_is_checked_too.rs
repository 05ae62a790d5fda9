// errors: 2 because there is a fault in the signature and another one in the body
#[bridgehead::entry]
async fn main(count: u32) {
    let text: String = count;
    drop(text);
}
