//! A function as an attribute macro gets it. Its body isn't parsed, since no macro changes it.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::token::Paren;
use syn::{Attribute, FnArg, Generics, PatType, ReturnType, Signature, Token, Type, Visibility};

use crate::options::value::door;
use crate::source::lexer::Lexer;
use crate::source::token::Token;
use crate::source::tokens::mentions;

pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: Option<TokenTree>,
    /// Present if the function has no body.
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
    /// The user's function, to be nested in the synchronous one. Its attributes stay outside and
    /// apply to both. It is made async even if the user's function isn't, so that an `.await` in it
    /// isn't reported as a second error.
    ///
    /// `None` if it has no body, or has a receiver or variadic arguments, which a nested async
    /// function can't have.
    pub(crate) fn nested(&self) -> Option<TokenStream> {
        let Signature {
            safety,
            fn_token,
            ident,
            generics,
            paren_token,
            inputs,
            variadic,
            output,
            ..
        } = &self.sig;
        if variadic.is_some() || matches!(inputs.first(), Some(FnArg::Receiver(_))) {
            return None;
        }
        // Attributes of other macros are read on the outer function. On the nested one the compiler
        // wouldn't know them.
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
        let inputs = in_parens(paren_token, quote!(#(#inputs),*));
        let where_clause = &generics.where_clause;
        let body = self.body.as_ref()?;
        Some(quote! {
            #[allow(clippy::unused_async)]
            #asyncness #safety #fn_token #ident #generics #inputs #output #where_clause #body
        })
    }

    /// The synchronous function that replaces the user's, without its attributes. Its first and
    /// last token have the user's spans: only then do the compiler's messages point at the function
    /// and not at the attribute.
    pub(crate) fn outer(
        &self,
        generics: Option<&Generics>,
        inputs: TokenStream,
        returned: &TokenStream,
        body: TokenStream,
    ) -> TokenStream {
        let Self { vis, sig: Signature { fn_token, ident, paren_token, .. }, .. } = self;
        let inputs = in_parens(paren_token, inputs);
        let where_clause = generics.and_then(|generics| generics.where_clause.as_ref());
        let mut body = Group::new(Delimiter::Brace, body);
        if let Some(given) = &self.body {
            body.set_span(given.span());
        }
        quote!(#vis #fn_token #ident #generics #inputs #returned #where_clause #body)
    }

    /// The span and the path of an attribute above, such as `#[tokio::main]`, that has expanded
    /// first and has turned the async function into this synchronous one. It is found by the tokens
    /// that it left in the body with its own span.
    pub(crate) fn made_by(&self) -> Option<(Span, String)> {
        if self.sig.asyncness.is_some() {
            return None;
        }
        let (span, text) = attribute_in(self.body.to_token_stream())?;
        let path =
            text.trim_start_matches(['#', '[']).split(['(', '[', '{', ']', '=']).next()?.trim();
        // The span has the hygiene of the user's code. Otherwise the compiler would add that the
        // error originates in that attribute.
        Some((self.sig.ident.span().located_at(span), path.to_owned()))
    }

    /// The type that the function returns. The second value is that type again if an expression
    /// can't repeat it.
    pub(crate) fn returned(&self) -> (Option<&Type>, Option<&Type>) {
        let ty = match &self.sig.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(&**ty),
        };
        // A reference without a lifetime is invalid here. The compiler would report it once more
        // where it is repeated.
        let is_borrowed =
            |ty: &Type| matches!(ty, Type::Reference(reference) if reference.lifetime.is_none());
        (ty, ty.filter(|ty| mentions(ty.to_token_stream(), "impl") || is_borrowed(ty)))
    }

    /// The expression that reports the returned value, through the runtime crate's trait `name`.
    /// Its tokens have the spans of the type, so that the error for a type without that trait
    /// points at the type.
    pub(crate) fn report(&self, name: &str, value: &TokenStream) -> TokenStream {
        let (ty, nameless) = self.returned();
        let written = ty.map_or_else(|| quote!(()), ToTokens::to_token_stream);
        let mut spans = written.clone().into_iter().map(|token| token.span());
        let first = spans.next().unwrap_or_else(Span::call_site);
        let last = spans.last().unwrap_or(first);
        let (door, name) = (door(first), Ident::new(name, last));
        if nameless.is_some() {
            return quote_spanned!(last=> #door::#name::report(#value));
        }
        let begin = quote_spanned!(first=> <);
        let end = quote_spanned!(last=> as #door::#name>::report(#value));
        quote!(#begin #written #end)
    }

    /// Whether the body contains a word, at any depth.
    pub(crate) fn mentions(&self, word: &str) -> bool {
        mentions(self.body.to_token_stream(), word)
    }
}

fn in_parens(paren_token: &Paren, inputs: TokenStream) -> TokenStream {
    let mut tokens = TokenStream::new();
    paren_token.surround(&mut tokens, |tokens| tokens.extend(inputs));
    tokens
}

/// Whether the attribute is built into the compiler or its tools, and is allowed on any function or
/// argument.
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

fn attribute_in(tokens: TokenStream) -> Option<(Span, String)> {
    tokens.into_iter().find_map(|token| {
        let span = token.span();
        match span.source_text() {
            Some(text) if text.starts_with("#[") => Some((span, text)),
            _ => match token {
                TokenTree::Group(group) => attribute_in(group.stream()),
                _ => None,
            },
        }
    })
}

/// A `main` for a program that lacks one because of a fault, so that the compiler doesn't report
/// the missing `main` too. Empty if the file seems to have one.
pub(crate) fn stub_main() -> TokenStream {
    if file_has_main() {
        TokenStream::new()
    } else {
        quote!(
            fn main() {}
        )
    }
}

/// Whether the file that contains the macro has a `main` of its own. True if the file can't be
/// read.
fn file_has_main() -> bool {
    let file =
        proc_macro::is_available().then(|| Span::call_site().unwrap().local_file()).flatten();
    let text = file.and_then(|file| std::fs::read_to_string(file).ok());
    text.is_none_or(|text| has_main(&text))
}

/// Whether the text defines a function `main` outside of every module and other group.
fn has_main(text: &str) -> bool {
    let mut depth = 0_usize;
    let mut is_named = false;
    for (_, token) in Lexer::new(text) {
        match token {
            Token::Ident("main" | "r#main") if is_named => return true,
            Token::Open(_) => depth += 1,
            Token::Close(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        is_named = depth == 0 && token == Token::Ident("fn");
    }
    false
}

#[cfg(test)]
mod tests {
    use super::has_main;

    #[test]
    fn a_main_is_a_function_of_the_file() {
        for text in [
            "fn main() {}",
            "    pub async fn main() {}",
            "mod a {} fn // comment\nmain() {}",
            "fn r#main() {}",
        ] {
            assert!(has_main(text), "{text}");
        }
        for text in [
            "",
            "async fn main_loop() {}",
            "// There is no fn main here.",
            "const TEXT: &str = \"fn main\";",
            "mod a {\nfn main() {}\n}",
            "fn other() { fn main() {} }",
            "use a::main;",
        ] {
            assert!(!has_main(text), "{text}");
        }
    }
}
