//! Collects faults, so that the compiler reports all of them at once.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;
use strsim::osa_distance;
use syn::Error;

/// The faults found so far.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    all: Option<Error>,
}

impl Errors {
    /// Adds a fault, underlining all of `place`.
    pub(crate) fn at(&mut self, place: impl ToTokens, message: impl Display) {
        self.add(Error::new_spanned(place, message));
    }

    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.all {
            Some(all) => all.combine(error),
            None => self.all = Some(error),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_none()
    }

    /// Whether a fault with this message was added.
    pub(crate) fn has(&self, message: &str) -> bool {
        self.all.iter().flatten().any(|error| error.to_string() == message)
    }

    /// The value, if there is no fault.
    pub(crate) fn into_result<T>(self, value: T) -> Result<T, Error> {
        self.all.map_or(Ok(value), Err)
    }

    /// One `compile_error!` for each fault. Without a fault there are no tokens.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.all.map(Error::into_compile_error).unwrap_or_default()
    }

    /// The faults, and the unchanged item.
    pub(crate) fn beside(self, item: &TokenStream) -> TokenStream {
        let mut tokens = self.into_tokens();
        tokens.extend(item.clone());
        tokens
    }

    #[cfg(test)]
    pub(crate) fn messages(self) -> Vec<String> {
        self.all.into_iter().flatten().map(|error| error.to_string()).collect()
    }
}

/// The candidate that was probably meant by a misspelt word, if one is near enough.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = fold(word);
    candidates
        .into_iter()
        .map(|candidate| (osa_distance(&word, &fold(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The word in the spelling of options: lower case, with underscores.
pub(crate) fn fold(word: &str) -> String {
    word.replace(['-', ' '], "_").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits_and_swaps() {
        assert_eq!(osa_distance("", ""), 0);
        assert_eq!(osa_distance("abc", ""), 3);
        assert_eq!(osa_distance("", "abc"), 3);
        assert_eq!(osa_distance("flavour", "flavor"), 1);
        assert_eq!(osa_distance("kitten", "sitting"), 3);
        assert_eq!(osa_distance("fial", "fail"), 1);
        assert_eq!(osa_distance("timeuot", "timeout"), 1);
    }

    #[test]
    fn nearest_knows_its_limits() {
        let words = ["flavor", "worker_threads", "thread_name", "crate"];
        assert_eq!(nearest("flavour", words), Some("flavor"));
        assert_eq!(nearest("worker-thread", words), Some("worker_threads"));
        assert_eq!(nearest("Worker_Threads", words), Some("worker_threads"));
        assert_eq!(nearest("krate", words), Some("crate"));
        assert_eq!(nearest("colour", words), None);
    }

    #[test]
    fn faults_are_collected() {
        let mut errors = Errors::default();
        assert!(errors.is_empty());
        errors.at(quote::quote!(a), "first");
        errors.at(quote::quote!(b), "second");
        assert!(!errors.is_empty());
        assert_eq!(errors.messages(), ["first", "second"]);
    }
}
