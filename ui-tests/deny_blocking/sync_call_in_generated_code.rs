// originates in the macro because the call is in the user's macro `outer`
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
