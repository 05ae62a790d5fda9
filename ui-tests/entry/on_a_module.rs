#[bridgehead::entry]
mod program {
    pub async fn main() {}
}
