#[bridgehead::entry]
async fn main(&self) {
    drop(self);
}
