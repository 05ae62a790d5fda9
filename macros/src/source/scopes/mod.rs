//! Finds the scope of each token.
//!
//! The parser keeps a stack of what is open: groups, and parts of the grammar that end with some
//! token and not with a delimiter. It knows no more of the grammar than is needed to distinguish
//! the body of a function from other braces, a closure from an "or", and `<` of generics from
//! "less".

mod frame;
mod groups;
mod keywords;
mod puncts;
pub(crate) mod scope;
mod stack;
mod state;
#[cfg(test)]
mod tests;

use crate::source::scopes::frame::{Content, FrameKind};
use crate::source::scopes::keywords::is_blocklike;
pub(crate) use crate::source::scopes::stack::Scopes;
use crate::source::scopes::state::{Last, Modifiers, State};
use crate::source::token::{Delimiter, Token};

impl Scopes {
    pub(crate) fn push(&mut self, token: Token<'_>) {
        self.end_cast(token);
        self.end_statement(token);
        match token {
            Token::Ident(word) => self.word(word),
            Token::Lifetime => self.lifetime(),
            Token::Literal => self.literal(),
            Token::Punct { char, joint } => self.punct(char, joint),
            Token::Open(delimiter) => self.open(delimiter),
            Token::Close(delimiter) => self.close(delimiter),
        }
    }

    /// Ends a type after `as` before a token that can't be part of it.
    fn end_cast(&mut self, next: Token<'_>) {
        if !matches!(self.top().kind, FrameKind::Cast) {
            return;
        }
        let goes_on = if self.state.last.is_operand() {
            matches!(next, Token::Punct { char: '<', .. } | Token::Punct { char: ':', joint: true })
        } else {
            match next {
                Token::Ident(_) | Token::Lifetime | Token::Literal => true,
                Token::Open(delimiter) => delimiter != Delimiter::Brace,
                Token::Punct { char, .. } => "&*<:!$#'?".contains(char),
                Token::Close(_) => false,
            }
        };
        if !goes_on {
            self.leave();
        }
    }

    /// Begins a new statement or arm after the braces that end the last one.
    fn end_statement(&mut self, next: Token<'_>) {
        if self.state.last == Last::BlockEnd {
            match next {
                Token::Ident("else")
                | Token::Punct { char: '.' | '?' | ',' | ';', .. }
                | Token::Close(_) => {
                    self.state.last = Last::Operand;
                }
                _ => self.start_statement(),
            }
        }
        if self.state.last == Last::Start
            && let FrameKind::Group(group) = &mut self.top_mut().kind
        {
            let is_block = match next {
                Token::Open(Delimiter::Brace) => true,
                Token::Ident(word) => is_blocklike(word),
                _ => false,
            };
            let has_blocks =
                group.delimiter == Some(Delimiter::Brace) || group.content == Content::Arms;
            group.is_blocklike = is_block && has_blocks;
        }
    }

    fn start_statement(&mut self) {
        self.state = State::START;
        if matches!(self.top().kind, FrameKind::Group(group) if group.content == Content::Arms) {
            self.enter(FrameKind::Pattern { of_arm: true });
        }
    }

    fn lifetime(&mut self) {
        self.state = match self.state.last {
            Last::Start => State { last: Last::Label, ..State::START },
            _ => State::after(Last::Operator),
        };
    }

    /// The modifiers stay after `extern`, because of `extern "C" fn`.
    fn literal(&mut self) {
        self.state.last = Last::Operand;
        if !self.state.modifiers.have(Modifiers::EXTERN) {
            self.state = State::after(Last::Operand);
        }
    }
}
