use std::ffi::c_int;
use std::panic;

use bridgehead::try_sync_call;

/// A C library calls this function, on any thread. It returns 0, or -1 for a failure.
extern "C" fn on_request(key: u32, answer: *mut u32) -> c_int {
    // A panic that leaves this function would abort the process.
    let answered = panic::catch_unwind(|| try_sync_call!(look_up(key), timeout = "5s"));
    match answered {
        Ok(Ok(value)) => {
            // SAFETY: the library passes a pointer to which an answer may be written.
            unsafe { answer.write(value) };
            0
        }
        Ok(Err(error)) => {
            eprintln!("{error}");
            -1
        }
        Err(_) => -1,
    }
}

async fn look_up(key: u32) -> u32 {
    tokio::spawn(async move { 100 / key }).await.expect("a key that isn't 0")
}

#[cfg(test)]
mod tests {
    use std::ffi::c_void;
    use std::mem::MaybeUninit;
    use std::ptr;

    use bridgehead_tests::contexts::everywhere;
    use bridgehead_tests::within;

    use super::*;

    /// Calls the callback as the library does.
    fn request(key: u32) -> Result<u32, c_int> {
        let mut answer = 0;
        match on_request(key, &raw mut answer) {
            0 => Ok(answer),
            status => Err(status),
        }
    }

    #[test]
    fn a_callback_waits_wherever_it_is_called() {
        everywhere(|_| assert_eq!(request(7), Ok(14)));
    }

    #[test]
    #[cfg_attr(panic = "abort", ignore = "something panics")]
    fn a_panic_is_a_status() {
        everywhere(|_| assert_eq!(request(0), Err(-1)));
    }

    /// Orders keys by the values that are looked up for them.
    extern "C" fn compare(one: *const c_void, other: *const c_void) -> c_int {
        // SAFETY: the elements of the array are `u32`s.
        let (one, other) = unsafe { (*one.cast::<u32>(), *other.cast::<u32>()) };
        let (one, other) = (request(one).expect("an answer"), request(other).expect("an answer"));
        one.cmp(&other) as c_int
    }

    fn sort(keys: &mut [u32]) {
        // SAFETY: pointer, length and size are those of the slice.
        unsafe {
            libc::qsort(keys.as_mut_ptr().cast(), keys.len(), size_of::<u32>(), Some(compare));
        };
    }

    #[test]
    fn a_c_library_sorts_by_what_is_looked_up() {
        everywhere(|_| {
            let mut keys = [1, 2, 5, 10, 4];
            sort(&mut keys);
            assert_eq!(keys, [10, 5, 4, 2, 1]);
        });
    }

    /// A thread that std hasn't started.
    extern "C" fn start(_: *mut c_void) -> *mut c_void {
        let mut keys = [1, 2];
        sort(&mut keys);
        ptr::without_provenance_mut(keys[0] as usize)
    }

    #[test]
    fn a_thread_of_the_c_library_is_served() {
        within("a thread of C's", || {
            let mut thread = MaybeUninit::uninit();
            let mut returned = ptr::null_mut();
            // SAFETY: the thread is joined while all of this is there.
            unsafe {
                assert_eq!(
                    libc::pthread_create(thread.as_mut_ptr(), ptr::null(), start, ptr::null_mut()),
                    0
                );
                assert_eq!(libc::pthread_join(thread.assume_init(), &raw mut returned), 0);
            }
            assert_eq!(returned.addr(), 2);
        });
    }
}
