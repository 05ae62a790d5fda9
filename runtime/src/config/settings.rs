//! The options that were set, and their effects on tokio's builder.

use std::fmt;
use std::io;
use std::sync::Arc;

use tokio::runtime;

use crate::config::flavor::Flavor;

/// The fault of a value, as text that follows the name of its option.
pub(super) type Fault = &'static str;

/// Returns an error if a runtime can't be built with the value.
pub(super) type Validate<T> = fn(&T, Flavor) -> Result<(), Fault>;

/// Sets the value on tokio's builder.
pub(super) type Apply<T> = fn(&mut runtime::Builder, T) -> &mut runtime::Builder;

/// The options that were set. The last value of an option replaces earlier ones. An invalid value
/// is kept, and building the runtime then returns an error.
#[derive(Clone, Default)]
pub(crate) struct Settings(Vec<(&'static str, Arc<dyn Setting>)>);

impl Settings {
    pub(super) fn set<T>(
        &mut self,
        option: &'static str,
        value: T,
        validate: Validate<T>,
        apply: Apply<T>,
    ) where
        T: fmt::Debug + Clone + Send + Sync + 'static,
    {
        let setting = Arc::new(Set { value, validate, apply });
        match self.0.iter_mut().find(|(known, _)| *known == option) {
            Some((_, before)) => *before = setting,
            None => self.0.push((option, setting)),
        }
    }

    /// Returns an error for values on which tokio's builder panics, and for options that the flavor
    /// doesn't support.
    pub(crate) fn validate(&self, flavor: Flavor) -> io::Result<()> {
        self.0.iter().try_for_each(|(option, setting)| {
            setting.validate(flavor).map_err(|fault| {
                io::Error::new(io::ErrorKind::InvalidInput, format!("`{option}` {fault}"))
            })
        })
    }

    /// Sets the options on tokio's builder.
    pub(crate) fn apply(&self, builder: &mut runtime::Builder) {
        for (_, setting) in &self.0 {
            setting.apply(builder);
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(option, setting)| (option, setting))).finish()
    }
}

trait Setting: fmt::Debug + Send + Sync {
    fn validate(&self, flavor: Flavor) -> Result<(), Fault>;

    fn apply(&self, builder: &mut runtime::Builder);
}

struct Set<T> {
    value: T,
    validate: Validate<T>,
    apply: Apply<T>,
}

impl<T: fmt::Debug + Clone + Send + Sync> Setting for Set<T> {
    fn validate(&self, flavor: Flavor) -> Result<(), Fault> {
        (self.validate)(&self.value, flavor)
    }

    fn apply(&self, builder: &mut runtime::Builder) {
        (self.apply)(builder, self.value.clone());
    }
}

impl<T: fmt::Debug> fmt::Debug for Set<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// The validator of an option whose values are all valid.
#[expect(
    clippy::unnecessary_wraps,
    reason = "it has the signature of a validator that may refuse a value"
)]
pub(super) fn any<T>(_: &T, _: Flavor) -> Result<(), Fault> {
    Ok(())
}

pub(super) fn at_least_one<T: From<u8> + PartialOrd>(number: &T, _: Flavor) -> Result<(), Fault> {
    if *number < T::from(1) { Err("is 0; it must be at least 1") } else { Ok(()) }
}

#[expect(clippy::ptr_arg, reason = "it is the type of the value")]
pub(super) fn without_nul(text: &String, _: Flavor) -> Result<(), Fault> {
    if text.contains('\0') { Err("contains a NUL character; remove it") } else { Ok(()) }
}
