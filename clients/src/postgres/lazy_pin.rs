use std::pin::Pin;

/// A value on the heap that is pinned when it is first used, and can only be taken out before that.
pub(super) enum LazyPin<T> {
    Loose(Option<Box<T>>),
    Pinned(Pin<Box<T>>),
}

impl<T> LazyPin<T> {
    pub(super) fn new(value: T) -> Self {
        Self::Loose(Some(Box::new(value)))
    }

    pub(super) fn get(&self) -> &T {
        match self {
            Self::Loose(value) => value.as_ref().expect("nothing took it"),
            Self::Pinned(value) => value,
        }
    }

    pub(super) fn pin(&mut self) -> Pin<&mut T> {
        if let Self::Loose(value) = self {
            *self = Self::Pinned(Box::into_pin(value.take().expect("nothing took it")));
        }
        match self {
            Self::Pinned(value) => value.as_mut(),
            Self::Loose(_) => unreachable!("it was pinned just now"),
        }
    }

    /// # Panics
    ///
    /// If it has been used.
    pub(super) fn into_inner(self) -> T {
        match self {
            Self::Loose(value) => *value.expect("nothing took it"),
            Self::Pinned(_) => panic!("it has been read from or written to already"),
        }
    }
}
