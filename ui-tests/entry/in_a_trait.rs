// main is missing because an attribute doesn't see the trait around the function
trait Program {
    #[bridgehead::entry]
    async fn main() {}
}
