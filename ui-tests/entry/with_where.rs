#[bridgehead::entry]
async fn main()
where
    String: Clone,
{
}
