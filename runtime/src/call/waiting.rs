//! What is known elsewhere of a call that waits: that it is counted, and a span of `tracing`.

use crate::call::enter::Entered;
use crate::context::active_call;
use crate::runtimes;
use crate::runtimes::waiting_calls::WaitingCall;
use crate::span::CallSpan;

/// To be called when the future of the call was not ready at once. The call is counted until the
/// first is dropped.
pub(super) fn begin(entered: &Entered<'_>) -> (WaitingCall, CallSpan) {
    let context = entered.context().told_workers_apart();
    let serving = active_call::serving_runtime();
    let name = || serving.map_or_else(|| "none".to_owned(), runtimes::name);
    (WaitingCall::begin(context), CallSpan::new(entered.location(), context, name))
}
