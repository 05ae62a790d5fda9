#[bridgehead::entry]
async fn main<const N: usize>() {
    drop([0; N]);
}
