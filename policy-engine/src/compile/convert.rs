//! Texts to values: named values put in, expressions told from literals, literals converted at once.
use std::sync::Arc;

use super::Refused;
use super::node::did_you_mean;
use super::session::Session;
use crate::diagnostics::{Diagnostic, codes};
use crate::program::{Attr, AttrValue, Evaluate};
use crate::source::{Mapped, Span};
use crate::xml;

/// A text after substitution.
pub(super) enum Text {
    /// A literal, as it stands.
    Literal(Mapped),
    /// An expression, with its brackets.
    Expression(Mapped),
    /// An expression that holds a named value nobody knows: what is said about it may be wrong.
    Unknowable(Mapped),
}

impl Session<'_> {
    /// Substitutes and tells expressions from literals.
    pub(super) fn text(&mut self, raw: &Mapped) -> Result<Text, Refused> {
        let (text, known) = self.substituted(raw);
        let trimmed = text.trimmed();
        if !xml::is_expression(trimmed.as_str()) {
            self.doubt_literal(&text, &trimmed);
            return if known { Ok(Text::Literal(text)) } else { Err(Refused) };
        }
        match xml::expression_end(trimmed.as_str()) {
            Some(end) if end < trimmed.as_str().len() => {
                self.warning(
                    codes::TEXT_AFTER_EXPRESSION,
                    trimmed.whole(),
                    "text follows the expression, so the whole value is taken literally",
                );
                Ok(Text::Literal(text))
            }
            _ if known => Ok(Text::Expression(trimmed)),
            _ => Ok(Text::Unknowable(trimmed)),
        }
    }

    /// Warns of a literal that was probably meant as an expression.
    fn doubt_literal(&mut self, text: &Mapped, trimmed: &Mapped) {
        /// How expressions begin that lack their `@(`, in the manner of other template languages.
        const STARTS: [&str; 6] = ["context.", "(context.", "@context.", "@ (context.", "${context.", "$(context."];
        const INSIDE: &str = "@(context.";
        if let Some(at) = text.as_str().find(INSIDE) {
            let rest = text.as_str().get(at..).unwrap_or_default();
            let end = xml::expression_end(rest).unwrap_or(INSIDE.len()).saturating_add(at);
            let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            let span = text.origin(Span { start: place(at), end: place(end) });
            let message = "an expression inside of a text is not evaluated: the whole value is taken literally";
            let help = "make the whole value an expression: `@($\"text {value}\")`";
            self.warning_help(codes::TEXT_AFTER_EXPRESSION, span, message, help);
        } else if STARTS.iter().any(|start| trimmed.as_str().starts_with(start)) {
            let message = "this is a text, although it looks like an expression";
            self.warning_help(
                codes::LOOKS_LIKE_EXPRESSION,
                trimmed.whole(),
                message,
                "an expression is written `@(...)`",
            );
        }
    }

    /// A value that may be an expression.
    pub(super) fn value<T: AttrValue>(
        &mut self,
        raw: &Mapped,
        what: &str,
        expression_allowed: bool,
    ) -> Result<Attr<T>, Refused> {
        match self.text(raw)? {
            Text::Literal(text) => self.literal(&text, what).map(Attr::Const),
            Text::Expression(text) | Text::Unknowable(text) if !expression_allowed => {
                self.error(
                    codes::EXPRESSION_NOT_ALLOWED,
                    text.whole(),
                    format!("{what} must be a literal, an expression is not allowed here"),
                );
                Err(Refused)
            }
            Text::Expression(text) => self.typed_expression::<T>(&text, what),
            Text::Unknowable(text) => self.unknowable_expression(&text),
        }
    }

    /// A literal converted.
    pub(super) fn literal<T: AttrValue>(&mut self, text: &Mapped, what: &str) -> Result<T, Refused> {
        T::from_text(text.as_str()).ok_or_else(|| {
            // The author's own text: a substituted value may be secret.
            let (span, expects) = (text.whole(), T::expects());
            let shown = self.source.slice(span).to_owned();
            let message = format!("{what} is `{shown}`, expected {expects}");
            // That it may have been meant as an expression is said by the error.
            let (path, start) = (self.source.path(), self.source.position(span.start));
            let doubted =
                |d: &mut Diagnostic| d.code == codes::LOOKS_LIKE_EXPRESSION && d.path == *path && d.start == start;
            let help = match self.diagnostics.pop_if(doubted) {
                Some(doubt) => doubt.help,
                None => did_you_mean(&shown, expects.split('`').skip(1).step_by(2)),
            };
            self.error_help(codes::BAD_VALUE, span, message, help);
            Refused
        })
    }

    fn typed_expression<T: AttrValue>(&mut self, text: &Mapped, what: &str) -> Result<Attr<T>, Refused> {
        let program = self.expression(text)?;
        if !T::accepts(program.result_type()) {
            let message = format!("the expression gives `{}`, {what} expects {}", program.result_type(), T::expects());
            self.error(codes::EXPRESSION_TYPE, text.whole(), message);
            return Err(Refused);
        }
        match super::expression::constant(&*program, self.env.types) {
            Some(Ok(value)) => return Ok(Attr::Const(value)),
            Some(Err(Refused)) => {
                let message =
                    format!("the expression always gives a value that is not {}, as {what} expects", T::expects());
                self.error(codes::EXPRESSION_TYPE, text.whole(), message);
                return Err(Refused);
            }
            None => {}
        }
        self.note_reads(program.reads());
        Ok(Attr::Expr(program))
    }

    /// Compiles an expression and counts it.
    pub(super) fn expression(&mut self, text: &Mapped) -> Result<Arc<dyn Evaluate>, Refused> {
        self.expressions = self.expressions.saturating_add(1);
        super::expression::compile(self, text)
    }

    /// Counts an expression that cannot be judged before its named values are known.
    pub(super) fn unknowable_expression<T>(&mut self, text: &Mapped) -> Result<T, Refused> {
        self.expressions = self.expressions.saturating_add(1);
        super::expression::warn_only(self, text);
        Err(Refused)
    }
}
