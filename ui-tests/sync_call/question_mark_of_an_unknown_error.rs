// errors: 2 because the compiler misses the type once where it is inferred, and once where `?` converts it
use bridgehead::sync_call;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let value = sync_call!(async {
        std::fs::read("x")?;
        Ok(3)
    })?;
    println!("{value}");
    Ok(())
}
