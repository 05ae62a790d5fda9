// main is missing because an attribute doesn't see the `impl` around the function
struct Program;

impl Program {
    #[bridgehead::entry]
    async fn main() {}
}
