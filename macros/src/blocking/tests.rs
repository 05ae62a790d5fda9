use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// The blocks of code behind a heading, as a reader sees them.
fn shown<'a>(docs: &'a str, heading: &str) -> impl Iterator<Item = String> + use<'a> {
    let (_, part) = docs.split_once(&format!("\n# {heading}\n")).unwrap();
    let is_shown = |line: &&str| line.trim() != "#" && !line.trim_start().starts_with("# ");
    part.split("```").skip(1).step_by(2).map(move |block| {
        let lines = block.lines().skip(1).filter(is_shown);
        lines.collect::<Vec<_>>().join("\n")
    })
}

/// The item behind `#[blocking]`.
fn item(shown: &str) -> TokenStream {
    shown.split_once("#[blocking]").unwrap().1.parse().unwrap()
}

/// The item without the paragraphs that link the twins.
fn without_links(item: &str) -> String {
    const LINK: &str = "# [doc = \"\"] # [doc = \" Its blocking twin is ";
    let mut parts = item.split(LINK);
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |item, part| item + part.split_once("] ").unwrap().1)
}

/// The added items, formatted as by `cargo expand`.
fn added(options: &str, item: &TokenStream) -> String {
    let mut file: syn::File = syn::parse2(super::expand(options.parse().unwrap(), item)).unwrap();
    let untouched = syn::parse2::<syn::Item>(item.clone()).unwrap().to_token_stream();
    let first = file.items.remove(0).to_token_stream().to_string();
    assert_eq!(without_links(&first), untouched.to_string());
    prettyplease::unparse(&file)
}

#[test]
fn the_docs_show_the_expansion() {
    // The path is relative to this file: the fuzzer's package compiles these files as well.
    let docs = include_str!("../../../runtime/docs/blocking.md");
    let mut shown = shown(docs, "What it expands to");
    let added = added("", &item(&shown.next().unwrap()));
    assert!(added.trim_end() == shown.next().unwrap(), "write into the docs:\n{added}");
}

/// Asserts which items are added, regardless of the layout.
fn is(options: &str, item: &TokenStream, expected: TokenStream) {
    let expected = prettyplease::unparse(&syn::parse2(expected).unwrap());
    assert_eq!(added(options, item), expected);
}

#[test]
fn attributes_that_describe_the_function_are_carried() {
    let written = quote! {
        #[cfg(unix)]
        #[cfg_attr(test, must_use, instrument)]
        #[must_use = "of it"]
        #[deprecated]
        #[inline]
        #[cold]
        #[doc(hidden)]
        #[doc = include_str!("fetch.md")]
        #[allow(unused)]
        #[expect(dead_code)]
        #[instrument]
        #[track_caller]
        #[target_feature(enable = "sse2")]
        pub(in crate::client) async fn fetch() {}
    };
    let twin = quote! {
        #[doc(hidden)]
        #[doc = include_str!("fetch.md")]
        #[doc = ""]
        #[doc = " The blocking twin of [`fn@fetch`]."]
        #[cfg(unix)]
        #[cfg_attr(test, must_use)]
        #[must_use = "of it"]
        #[deprecated]
        #[inline]
        #[cold]
        #[allow(unused)]
        #[allow(dead_code)]
        #[allow(deprecated)]
        #[track_caller]
        pub(in crate::client) fn blocking_fetch() {
            ::bridgehead::__private::wait(::bridgehead::__private::enter(), fetch())
        }
    };
    is("", &written, twin);
}

#[test]
fn a_trait_has_a_trait() {
    let written = quote! {
        /// Keeps values.
        pub trait Store: Debug {
            type Error: Display;
            type Unused;
            /// Looks a key up.
            async fn get(&self, key: &str) -> Result<u32, Self::Error>;
            fn close(&mut self);
        }
    };
    let twin = quote! {
        /// Keeps values.
        ///
        /// The blocking twin of [`Store`].
        #[allow(dead_code)]
        pub trait BlockingStore: Debug {
            /// As [`Store::Error`].
            type Error: Display;
            /// Looks a key up.
            ///
            /// The blocking twin of [`Store::get`].
            #[track_caller]
            fn blocking_get(&self, key: &str) -> Result<u32, Self::Error>;
        }
        impl<T: Store + ?::core::marker::Sized> BlockingStore for T {
            type Error = <T as Store>::Error;
            fn blocking_get(&self, key: &str) -> Result<u32, Self::Error> {
                ::bridgehead::__private::wait(::bridgehead::__private::enter(), <Self as Store>::get(self, key))
            }
        }
    };
    is("", &written, twin);
}

#[test]
fn a_twin_type_converts() {
    let written = quote! {
        impl Client {
            /// Begins a transaction.
            pub async fn begin(&mut self, other: &Self) -> Option<Transaction<'_>> {}
        }
    };
    let twin = quote! {
        #[allow(dead_code, clippy::boxed_local, clippy::len_without_is_empty)]
        impl BlockingClient {
            /// Begins a transaction.
            ///
            /// The blocking twin of [`Client::begin`].
            #[track_caller]
            pub fn begin(&mut self, other: &Self) -> Option<BlockingTransaction<'_>> {
                match ::bridgehead::__private::wait(
                    ::bridgehead::__private::enter(),
                    Client::begin(::core::convert::AsMut::as_mut(self), ::core::convert::AsRef::as_ref(other)),
                ) {
                    ::core::option::Option::Some(value) => {
                        ::core::option::Option::Some(::core::convert::From::from(value))
                    }
                    ::core::option::Option::None => ::core::option::Option::None,
                }
            }
        }
    };
    is("type = BlockingClient, twins(Transaction = BlockingTransaction)", &written, twin);
}

#[test]
fn a_timeout_is_the_last_argument() {
    let written = quote! {
        #[must_use]
        async fn fetch(id: u32) -> u32 {}
    };
    let twins = quote! {
        /// The blocking twin of [`fn@fetch`].
        #[must_use]
        #[track_caller]
        fn blocking_fetch(id: u32) -> u32 {
            ::bridgehead::__private::wait(::bridgehead::__private::enter(), fetch(id))
        }
        /// As [`fn@blocking_fetch`], but waits no longer than `timeout`.
        ///
        /// # Errors
        ///
        /// [`CallError`](bridgehead::__private::CallError), if it takes longer or can't be made.
        #[track_caller]
        fn blocking_fetch_timeout(
            id: u32,
            timeout: ::core::time::Duration
        ) -> ::core::result::Result<u32, ::bridgehead::__private::CallError> {
            match ::bridgehead::__private::try_enter() {
                ::core::result::Result::Ok(entered) => {
                    ::bridgehead::__private::try_wait(
                        entered,
                        fetch(id),
                        ::bridgehead::__private::CallOptions::new().timeout(timeout)
                    )
                }
                ::core::result::Result::Err(error) => ::core::result::Result::Err(error),
            }
        }
    };
    is("timeout", &written, twins);
}
