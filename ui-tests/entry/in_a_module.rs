// main is missing because only the crate knows: `use program::main;` at its root would do
mod program {
    #[bridgehead::entry]
    pub async fn main() {}
}
