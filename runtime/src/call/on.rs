//! Calls with the option `on = …`, which chooses the runtime that serves them.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::io;
use std::mem;
use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

use crate::call::enter::{Detected, Entered, cannot_enter};
use crate::context::detect;
use crate::error::CallError;
use crate::fiber::current;
use crate::runtime_guard::MadeCurrent;
use crate::runtimes::{self, RuntimeState};
use crate::thread_context::ThreadContext;

/// The types of the option `on`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a runtime that can serve a call",
    label = "expected a `Handle`, a `Runner` or `\"background\"`"
)]
pub trait ServesCalls {
    /// Returns the runtime, and keeps it open for one call.
    #[doc(hidden)]
    fn serve(&self, location: &'static Location<'static>) -> Served<'_>;
}

/// The runtime that serves one call, or the reason why it can't.
#[derive(Debug)]
#[must_use]
pub struct Served<'a> {
    found: Result<Found<'a>, CallError>,
    location: &'static Location<'static>,
}

#[derive(Debug)]
struct Found<'a> {
    handle: Cow<'a, Handle>,
    kept_by: Option<Box<dyn Drive + 'a>>,
}

/// Keeps a runtime open for a call. A runtime without threads of its own has to be driven
/// meanwhile.
pub(crate) trait Drive {
    /// Whether the runtime has to be driven: it is a current-thread runtime.
    fn is_needed(&self) -> bool;

    /// Drives the runtime on this thread until `poll` is ready.
    fn block_on(&self, poll: &mut dyn FnMut(&mut Context<'_>) -> Poll<()>);

    /// Drives the runtime on another thread until the result is dropped.
    fn elsewhere(&self) -> io::Result<Box<dyn Any>>;
}

impl fmt::Debug for dyn Drive + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Drive")
    }
}

impl<'a> Served<'a> {
    pub(crate) fn by(handle: Cow<'a, Handle>, location: &'static Location<'static>) -> Self {
        let found = match runtimes::state(&handle, handle.id()) {
            RuntimeState::Alive => Ok(Found { handle, kept_by: None }),
            RuntimeState::Ended | RuntimeState::Inherited => Err(CallError::Shutdown { location }),
        };
        Self { found, location }
    }

    /// `keeper` keeps the runtime open until it is dropped.
    pub(crate) fn kept_by(self, keeper: Box<dyn Drive + 'a>) -> Self {
        let found = self.found.map(|found| Found { kept_by: Some(keeper), ..found });
        Self { found, ..self }
    }

    pub(crate) fn not(error: CallError) -> Self {
        Self { location: error.location(), found: Err(error) }
    }
}

impl ServesCalls for Handle {
    fn serve(&self, location: &'static Location<'static>) -> Served<'_> {
        Served::by(Cow::Borrowed(self), location)
    }
}

#[diagnostic::do_not_recommend]
impl<T: ServesCalls + ?Sized> ServesCalls for &T {
    fn serve(&self, location: &'static Location<'static>) -> Served<'_> {
        (**self).serve(location)
    }
}

#[diagnostic::do_not_recommend]
impl<T: ServesCalls + ?Sized> ServesCalls for Arc<T> {
    fn serve(&self, location: &'static Location<'static>) -> Served<'_> {
        (**self).serve(location)
    }
}

/// The background runtime: `on = "background"`.
#[derive(Debug)]
pub struct Background;

impl ServesCalls for Background {
    fn serve(&self, location: &'static Location<'static>) -> Served<'_> {
        // Building a runtime needs tokio's thread-local state.
        if detect::is_thread_exiting() {
            return Served::not(CallError::ThreadExiting { location });
        }
        match runtimes::background::handle() {
            Ok(handle) => Served::by(Cow::Owned(Handle::clone(&handle)), location),
            Err(source) => Served::not(CallError::Runtime { source, location }),
        }
    }
}

/// Returns the handle of the background runtime, and starts that runtime if necessary. The handle
/// can spawn tasks from any code, also from async code.
///
/// The same runtime serves each [`sync_call!`](crate::sync_call) with `on = "background"`, whatever
/// the thread is doing. So a client whose connections are driven by tasks of the background runtime
/// works in every call, and in async code as well.
///
/// ```
/// use bridgehead::{background, sync_call};
/// use tokio::sync::oneshot;
///
/// # bridgehead::run(async {
/// let (answer, question) = oneshot::channel();
/// // In async code of any runtime.
/// background()?.spawn(async move { answer.send(42) });
/// assert_eq!(question.await, Ok(42));
/// # Ok::<(), bridgehead::CallError>(())
/// # })?;
/// # Ok::<(), bridgehead::CallError>(())
/// ```
///
/// # Errors
///
/// [`CallError::Runtime`] if the background runtime can't be started, and
/// [`CallError::ThreadExiting`] in a thread-local destructor after tokio's own thread-local state
/// is gone.
#[track_caller]
pub fn background() -> Result<Handle, CallError> {
    Background.serve(Location::caller()).found.map(|found| found.handle.into_owned())
}

/// Chooses the runtime that serves a call. `on` is the value of the option.
#[inline]
#[track_caller]
pub fn served_by<R: ServesCalls + ?Sized>(on: &R) -> Served<'_> {
    on.serve(Location::caller())
}

/// A call with `on` that has begun: the chosen runtime is current.
#[derive(Debug)]
#[must_use]
pub struct EnteredOn<'a> {
    entered: Entered<'a>,
    /// `None` if the thread is exiting, and no runtime can be entered.
    found: Option<&'a Found<'a>>,
}

/// Begins a `sync_call!` with `on`.
///
/// # Panics
///
/// It panics if the runtime has shut down or can't be started, and if the enclosing calls have used
/// up the stack.
#[track_caller]
pub fn enter_on<'a>(served: &'a mut Served<'_>) -> EnteredOn<'a> {
    let detected = Detected::find();
    if detected.outer_context == ThreadContext::ThreadExiting {
        return EnteredOn { entered: detected.enter(None, served.location), found: None };
    }
    match begin(&detected, served) {
        Ok(entered) => entered,
        Err(error) => cannot_enter(&error),
    }
}

/// Begins a `try_sync_call!` with `on`.
///
/// # Errors
///
/// An error is returned if the runtime has shut down or can't be started, if the thread is exiting,
/// and if the enclosing calls have used up the stack.
pub fn try_enter_on<'a>(served: &'a mut Served<'_>) -> Result<EnteredOn<'a>, CallError> {
    let detected = Detected::find();
    if detected.outer_context == ThreadContext::ThreadExiting {
        return Err(CallError::ThreadExiting { location: served.location });
    }
    begin(&detected, served)
}

fn begin<'a>(detected: &Detected, served: &'a mut Served<'_>) -> Result<EnteredOn<'a>, CallError> {
    let location = served.location;
    if detected.is_too_deep() {
        return Err(CallError::StackExhausted { location });
    }
    let found = match &mut served.found {
        Ok(found) => &*found,
        Err(error) => return Err(mem::replace(error, CallError::Shutdown { location })),
    };
    let mut made_current = Some(&*found.handle);
    if detected.context == ThreadContext::Fiber {
        // The fiber also needs a runtime of its own: the chosen one is not current while the fiber
        // is suspended.
        detected.made_current().map_err(|source| CallError::Runtime { source, location })?;
        made_current = made_current.filter(|handle| current::runtime() != Some(handle.id()));
    }
    Ok(EnteredOn {
        entered: detected.enter(made_current.map(MadeCurrent::Lent), location),
        found: Some(found),
    })
}

/// A call that has begun, with `on` or without.
pub trait Begun<'a> {
    /// The context in which the call was made.
    #[doc(hidden)]
    fn entered(&self) -> &Entered<'a>;

    /// The runtime that was chosen with `on`.
    #[doc(hidden)]
    #[inline]
    fn chosen(&self) -> Option<Chosen<'a>> {
        None
    }
}

impl<'a> Begun<'a> for Entered<'a> {
    #[inline]
    fn entered(&self) -> &Entered<'a> {
        self
    }
}

impl<'a, B: Begun<'a>> Begun<'a> for &B {
    #[inline]
    fn entered(&self) -> &Entered<'a> {
        (**self).entered()
    }

    #[inline]
    fn chosen(&self) -> Option<Chosen<'a>> {
        (**self).chosen()
    }
}

impl<'a> Begun<'a> for EnteredOn<'a> {
    fn entered(&self) -> &Entered<'a> {
        &self.entered
    }

    fn chosen(&self) -> Option<Chosen<'a>> {
        self.found.map(Chosen)
    }
}

/// The runtime that was chosen for a call.
#[derive(Debug, Clone, Copy)]
pub struct Chosen<'a>(&'a Found<'a>);

impl<'a> Chosen<'a> {
    #[cfg(feature = "fiber")]
    pub(crate) fn handle(self) -> &'a Handle {
        &self.0.handle
    }

    /// Returns the driver if the runtime has to be driven, and tokio allows that on the calling
    /// thread.
    pub(crate) fn driver_here(self, context: ThreadContext) -> Option<&'a (dyn Drive + 'a)> {
        let may_drive = match context {
            ThreadContext::Plain => true,
            ThreadContext::Entered
            | ThreadContext::BlockingPool
            | ThreadContext::EnteredCurrentThread => !detect::is_polled_by_tokio(),
            _ => false,
        };
        self.driver().filter(|_| may_drive)
    }

    /// Drives the runtime on another thread until the result is dropped, if it has to be driven.
    pub(crate) fn drive_elsewhere(self) -> io::Result<Option<Box<dyn Any>>> {
        self.driver().map(Drive::elsewhere).transpose()
    }

    fn driver(self) -> Option<&'a (dyn Drive + 'a)> {
        self.0.kept_by.as_deref().filter(|keeper| keeper.is_needed())
    }
}
