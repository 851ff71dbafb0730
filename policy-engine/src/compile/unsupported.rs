//! A policy that is known but does not run yet: refused by name, with the expressions inside of it compiled all the same, so
//! that one look at the findings shows everything that is wrong with a text.
use super::convert::Text;
use super::session::Session;
use super::spec::Refused;
use crate::diagnostics::codes;
use crate::source::Mapped;
use crate::xml::{self, Element};

impl Session<'_> {
    /// Reports the policy and what is wrong with its expressions.
    pub(super) fn unsupported(&mut self, element: &Element) {
        let help = format!("policies are never skipped silently; `--allow-skip {}` leaves it out", element.name);
        self.error_help(
            codes::UNSUPPORTED_POLICY,
            element.name_span,
            format!("policy `{}` is not supported yet", element.name),
            Some(help),
        );
        self.expressions_below(element);
    }

    /// The reader bounds how deep elements nest.
    fn expressions_below(&mut self, element: &Element) {
        for attribute in &element.attributes {
            let value = attribute.value(&self.source);
            self.loose(&value);
        }
        let text = element.text(&self.source);
        self.loose(&text);
        element.elements().for_each(|child| self.expressions_below(child));
    }

    /// Where an expression may stand is not known here: every text that is one counts.
    fn loose(&mut self, raw: &Mapped) {
        if !xml::is_expression(raw.as_str()) {
            return;
        }
        // Findings are reported on the way; there is no statement that could hold the program.
        let _ = match self.text(raw) {
            Ok(Text::Expression(text)) => self.expression(&text).map(drop),
            Ok(Text::Unknowable(text)) => self.unknowable_expression(&text),
            Ok(Text::Literal(_)) | Err(Refused) => Ok(()),
        };
    }
}
