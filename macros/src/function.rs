//! A function as an attribute macro gets it. What is not changed is not parsed: its body stays tokens.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, FnArg, PatType, ReturnType, Signature, Token, Type, Visibility};

pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: Option<TokenTree>,
    /// Instead of the body.
    pub(crate) semicolon: Option<Token![;]>,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = Attribute::parse_outer(input)?;
        let vis = input.parse()?;
        let sig = input.parse()?;
        let semicolon: Option<Token![;]> = input.parse()?;
        let body = if semicolon.is_none() { Some(input.parse()?) } else { None };
        Ok(Self { attrs, vis, sig, body, semicolon })
    }
}

impl Function {
    /// The function itself, made to be nested in another one: without its attributes, which stay outside and apply to both, and
    /// async even if it isn't, so that an `.await` in it is no second fault.
    ///
    /// There is none if the body can't be read apart from the signature that is at fault.
    pub(crate) fn nested(&self) -> Option<TokenStream> {
        let Signature { safety, fn_token, ident, generics, inputs, variadic, output, .. } = &self.sig;
        if variadic.is_some() || matches!(inputs.first(), Some(FnArg::Receiver(_))) {
            return None;
        }
        // The attributes of others are read outside, and would be unknown here.
        let inputs = inputs.iter().map(|input| match input {
            FnArg::Receiver(receiver) => receiver.to_token_stream(),
            FnArg::Typed(PatType { attrs, pat, colon_token, ty }) => {
                let attrs = attrs.iter().filter(|attr| is_builtin(attr));
                quote!(#(#attrs)* #pat #colon_token #ty)
            }
        });
        let asyncness = if let Some(asyncness) = &self.sig.asyncness {
            asyncness.to_token_stream()
        } else {
            quote_spanned!(fn_token.span=> async)
        };
        let where_clause = &generics.where_clause;
        let body = self.body.as_ref()?;
        Some(quote! {
            #[allow(clippy::unused_async)]
            #asyncness #safety #fn_token #ident #generics (#(#inputs),*) #output #where_clause #body
        })
    }

    /// The type that it returns, and the same again if that can't be named.
    pub(crate) fn returned(&self) -> (Option<&Type>, Option<&Type>) {
        let ty = match &self.sig.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(&**ty),
        };
        (ty, ty.filter(|ty| mentions(ty.to_token_stream(), "impl")))
    }

    /// Whether a word stands anywhere in the body.
    pub(crate) fn mentions(&self, word: &str) -> bool {
        mentions(self.body.to_token_stream(), word)
    }
}

/// Whether the compiler itself knows the attribute, and it may stand at any function, or argument.
pub(crate) fn is_builtin(attr: &Attribute) -> bool {
    const KNOWN: &[&str] = &[
        "allow",
        "cfg",
        "clippy",
        "deny",
        "deprecated",
        "doc",
        "expect",
        "forbid",
        "ignore",
        "inline",
        "must_use",
        "rustfmt",
        "should_panic",
        "track_caller",
        "warn",
    ];
    attr.path().segments.first().is_some_and(|first| KNOWN.iter().any(|known| first.ident == known))
}

/// Whether a word stands anywhere in the tokens.
pub(crate) fn mentions(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => mentions(group.stream(), word),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// A main function for a program that has got none because of a fault, so that the compiler doesn't report that as another one.
/// Nothing, if the file seems to have one.
pub(crate) fn stub_main() -> TokenStream {
    if file_has_main() {
        TokenStream::new()
    } else {
        quote!(
            fn main() {}
        )
    }
}

/// Whether the file that is compiled has a line with a `main` of its own, not of a module. If it can't be read, it may.
fn file_has_main() -> bool {
    let file = proc_macro::is_available().then(|| Span::call_site().unwrap().local_file()).flatten();
    let text = file.and_then(|file| std::fs::read_to_string(file).ok());
    let is_main = |line: &str| !line.starts_with(char::is_whitespace) && line.contains("fn main");
    text.is_none_or(|text| text.lines().any(is_main))
}
