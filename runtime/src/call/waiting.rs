//! The metrics and the `tracing` span of a call that waits.

use crate::call::enter::Entered;
use crate::context::active_call;
use crate::runtimes;
use crate::runtimes::waiting_calls::WaitingCall;
use crate::span::CallSpan;

/// Must be called when the future of a call was not ready at once. The call counts as waiting until
/// the returned [`WaitingCall`] is dropped.
pub(super) fn begin(entered: &Entered<'_>) -> (WaitingCall, CallSpan) {
    let context = entered.context().distinguished_workers();
    let serving = active_call::serving_runtime();
    let name = || serving.map_or_else(|| "none".to_owned(), runtimes::name);
    (WaitingCall::begin(context), CallSpan::new(entered.location(), context, name))
}
