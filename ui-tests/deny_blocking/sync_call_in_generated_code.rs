// originates in the macro because it is one of the user's, whose place in the source says nothing
macro_rules! outer {
    ($value:expr) => {
        #[bridgehead::deny_blocking]
        mod generated {
            pub fn inner() -> u32 {
                bridgehead::sync_call!(std::future::ready($value))
            }

            pub fn outer() -> impl Future<Output = u32> {
                async { bridgehead::sync_call!(std::future::ready($value),) }
            }
        }
    };
}

outer!(1);

fn main() {
    generated::inner();
    drop(generated::outer());
}
