#[bridgehead::entry]
async fn main<'a>() {
    let _: &'a str = "";
}
