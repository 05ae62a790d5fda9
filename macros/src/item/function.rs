//! A function as an attribute macro gets it. What is not changed is not parsed: its body stays
//! tokens.

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
    /// The function itself, made to be nested in another one: without its attributes, which stay
    /// outside and apply to both, and async even if it isn't, so that an `.await` in it is no
    /// second fault.
    ///
    /// There is none if the body can't be read apart from the signature that is at fault.
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
        let inputs = in_parens(paren_token, quote!(#(#inputs),*));
        let where_clause = &generics.where_clause;
        let body = self.body.as_ref()?;
        Some(quote! {
            #[allow(clippy::unused_async)]
            #asyncness #safety #fn_token #ident #generics #inputs #output #where_clause #body
        })
    }

    /// The synchronous function that stands in its place, without its attributes. The tokens that
    /// it begins and ends with are the user's: only then does the compiler point at the function,
    /// and not at the attribute, in what it says of it.
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

    /// The attribute that has made this synchronous function of an async one: the place, and the
    /// path, of one above that has expanded before. It has left tokens in the body that stand where
    /// the attribute itself stands.
    pub(crate) fn made_by(&self) -> Option<(Span, String)> {
        if self.sig.asyncness.is_some() {
            return None;
        }
        let (span, text) = attribute_in(self.body.to_token_stream())?;
        let path =
            text.trim_start_matches(['#', '[']).split(['(', '[', '{', ']', '=']).next()?.trim();
        // As if the user had written it, or the compiler would say that the error originates in
        // that attribute.
        Some((self.sig.ident.span().located_at(span), path.to_owned()))
    }

    /// The type that it returns, and the same again if that can't be named.
    pub(crate) fn returned(&self) -> (Option<&Type>, Option<&Type>) {
        let ty = match &self.sig.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(&**ty),
        };
        // Without its lifetime it is a fault, which the compiler would tell twice.
        let is_borrowed =
            |ty: &Type| matches!(ty, Type::Reference(reference) if reference.lifetime.is_none());
        (ty, ty.filter(|ty| mentions(ty.to_token_stream(), "impl") || is_borrowed(ty)))
    }

    /// Reports the returned value by the runtime crate's trait. All of it stands where the type
    /// does: there the compiler says that it isn't a type for this.
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

    /// Whether a word stands anywhere in the body.
    pub(crate) fn mentions(&self, word: &str) -> bool {
        mentions(self.body.to_token_stream(), word)
    }
}

fn in_parens(paren_token: &Paren, inputs: TokenStream) -> TokenStream {
    let mut tokens = TokenStream::new();
    paren_token.surround(&mut tokens, |tokens| tokens.extend(inputs));
    tokens
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

/// A main function for a program that has got none because of a fault, so that the compiler doesn't
/// report that as another one. Nothing, if the file seems to have one.
pub(crate) fn stub_main() -> TokenStream {
    if file_has_main() {
        TokenStream::new()
    } else {
        quote!(
            fn main() {}
        )
    }
}

/// Whether the file that is compiled has a `main` of its own. If it can't be read, it may.
fn file_has_main() -> bool {
    let file =
        proc_macro::is_available().then(|| Span::call_site().unwrap().local_file()).flatten();
    let text = file.and_then(|file| std::fs::read_to_string(file).ok());
    text.is_none_or(|text| has_main(&text))
}

/// Whether there is a function `main` in the text, and in no module or other group.
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
