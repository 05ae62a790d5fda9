//! Which scope each token stands in.
//!
//! A stack of what is open: groups, and parts of the grammar that end with some token and not with a delimiter. No more of the
//! grammar is known than it takes to tell the body of a function from other braces, a closure from an "or", and `<` of generics from
//! "less".

mod frame;
mod groups;
mod puncts;
mod state;
mod words;

pub(crate) use frame::{Id, Table};

use super::Scope;
use super::steps::count;
use super::token::{Delimiter, Token};
use frame::{After, Content, Frame, Group, Kind};
use state::{Last, State};

/// Takes tokens, and tells which scope comes after them.
#[derive(Debug)]
pub(crate) struct Scopes {
    /// The first one is the file, and is never left.
    frames: Vec<Frame>,
    /// How many groups of each delimiter are open, so that what closes none is known without a search.
    open: [usize; 3],
    state: State,
    /// As it was before a `#` or `$`.
    before_mark: State,
    table: Table,
}

impl Scopes {
    pub(crate) fn new() -> Self {
        let file = Group {
            delimiter: None,
            content: Content::Code,
            is_array: false,
            is_blocklike: false,
            after: After::Start,
        };
        Self {
            frames: vec![Frame { kind: Kind::Group(file), scope: Id::ITEMS }],
            open: [0; 3],
            state: State::START,
            before_mark: State::START,
            table: Table::new(),
        }
    }

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

    /// The scope of what comes next.
    pub(crate) fn current(&self) -> &Scope {
        self.table.get(self.current_id())
    }

    pub(crate) fn current_id(&self) -> Id {
        self.top().scope
    }

    pub(crate) fn into_table(self) -> Table {
        self.table
    }

    fn top(&self) -> Frame {
        self.frames[self.frames.len() - 1]
    }

    fn top_mut(&mut self) -> &mut Frame {
        let top = self.frames.len() - 1;
        &mut self.frames[top]
    }

    fn enter(&mut self, kind: Kind) {
        let scope = self.current_id();
        self.enter_scope(kind, scope);
    }

    fn enter_scope(&mut self, kind: Kind, scope: Id) {
        count(1);
        self.frames.push(Frame { kind, scope });
    }

    /// Only what isn't a group.
    fn leave(&mut self) {
        count(1);
        self.frames.pop();
    }

    /// Whether expressions, statements or items stand here, and not types, patterns or an attribute.
    fn is_code(&self) -> bool {
        match self.top().kind {
            Kind::Group(group) => matches!(group.content, Content::Code | Content::Arguments | Content::Arms),
            Kind::Closure { returns } => !returns,
            Kind::Head { .. } | Kind::Value => true,
            Kind::Angles(_) | Kind::Params { .. } | Kind::Pattern { .. } | Kind::Cast | Kind::Header(_) => {
                false
            }
        }
    }

    fn is_soup(&self) -> bool {
        matches!(self.top().kind, Kind::Group(group) if group.content == Content::Soup)
    }

    /// A type after `as` ends before whatever can't go on with it.
    fn end_cast(&mut self, next: Token<'_>) {
        if !matches!(self.top().kind, Kind::Cast) {
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

    /// Braces end some statements and arms, and what comes next is a new one then.
    fn end_statement(&mut self, next: Token<'_>) {
        if self.state.last == Last::BlockEnd {
            match next {
                Token::Ident("else") | Token::Punct { char: '.' | '?' | ',' | ';', .. } | Token::Close(_) => {
                    self.state.last = Last::Operand;
                }
                _ => self.start_statement(),
            }
        }
        if self.state.last == Last::Start
            && let Kind::Group(group) = &mut self.top_mut().kind
        {
            let is_block = match next {
                Token::Open(Delimiter::Brace) => true,
                Token::Ident(word) => words::is_blocklike(word),
                _ => false,
            };
            let has_blocks = group.delimiter == Some(Delimiter::Brace) || group.content == Content::Arms;
            group.is_blocklike = is_block && has_blocks;
        }
    }

    fn start_statement(&mut self) {
        self.state = State::START;
        if matches!(self.top().kind, Kind::Group(group) if group.content == Content::Arms) {
            self.enter(Kind::Pattern { of_arm: true });
        }
    }

    fn lifetime(&mut self) {
        self.state = match self.state.last {
            Last::Start => State { last: Last::Label, ..State::START },
            _ => State::after(Last::Operator),
        };
    }

    /// The words before it stay: that is how `extern "C" fn` is written.
    fn literal(&mut self) {
        self.state.last = Last::Operand;
        if !self.state.words.have(state::Words::EXTERN) {
            self.state = State::after(Last::Operand);
        }
    }
}

#[cfg(test)]
mod tests;
