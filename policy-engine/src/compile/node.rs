//! What a policy sees of its element: attributes, text and children, each read as what it must be.
use std::sync::Arc;

use super::session::Session;
use super::spec::{AttributeSpec, ChildSpec, Content, Refused};
use crate::diagnostics::{Diagnostic, Severity, codes, nearest};
use crate::program::{Attr, AttrValue, Block, Needs, Scope};
use crate::source::Span;
use crate::xml::Element;

/// An element under compilation.
pub(crate) struct Node<'n, 'e> {
    pub(super) element: &'n Element,
    pub(super) attributes: &'static [AttributeSpec],
    pub(super) content: Content,
    pub(super) session: &'n mut Session<'e>,
    /// Path of the statement, or of a child that holds statements.
    pub(super) path: Arc<str>,
}

impl<'n, 'e> Node<'n, 'e> {
    /// Element name.
    pub(crate) fn name(&self) -> &str {
        &self.element.name
    }

    /// Scope of the document.
    pub(crate) fn scope(&self) -> Scope {
        self.session.scope
    }

    /// Path of the statement: `choose[2]`, or below it `choose[2]/when[1]`.
    pub(crate) fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// Is the attribute written?
    pub(crate) fn has(&self, name: &str) -> bool {
        self.element.attribute(name).is_some()
    }

    /// Is the attribute's value an expression, constant or not?
    pub(crate) fn is_expression(&self, name: &str) -> bool {
        let attribute = self.element.attribute(name);
        attribute.is_some_and(|attribute| attribute.value(&self.session.source).as_str().trim_start().starts_with('@'))
    }

    /// An attribute that must be there. Its absence was reported when the element was checked against the description.
    pub(crate) fn required<T: AttrValue>(&mut self, name: &str) -> Result<Attr<T>, Refused> {
        self.optional(name)?.ok_or(Refused)
    }

    /// An attribute that may be there.
    pub(crate) fn optional<T: AttrValue>(&mut self, name: &str) -> Result<Option<Attr<T>>, Refused> {
        let expression = self.attributes.iter().find(|a| a.name == name).is_some_and(|a| a.expression);
        let Some(attribute) = self.element.attribute(name) else { return Ok(None) };
        let raw = attribute.value(&self.session.source);
        self.session.value(&raw, &format!("attribute `{name}`"), expression).map(Some)
    }

    /// An attribute with a default.
    pub(crate) fn or<T: AttrValue>(&mut self, name: &str, default: T) -> Result<Attr<T>, Refused> {
        Ok(self.optional(name)?.unwrap_or(Attr::Const(default)))
    }

    /// A literal attribute that must be there.
    pub(crate) fn literal<T: AttrValue>(&mut self, name: &str) -> Result<T, Refused> {
        self.literal_or_none(name)?.ok_or(Refused)
    }

    /// A literal attribute with a default.
    pub(crate) fn literal_or<T: AttrValue>(&mut self, name: &str, default: T) -> Result<T, Refused> {
        Ok(self.literal_or_none(name)?.unwrap_or(default))
    }

    /// A literal attribute that may be there.
    pub(crate) fn literal_or_none<T: AttrValue>(&mut self, name: &str) -> Result<Option<T>, Refused> {
        let Some(attribute) = self.element.attribute(name) else { return Ok(None) };
        let raw = attribute.value(&self.session.source);
        match self.session.value(&raw, &format!("attribute `{name}`"), false)? {
            Attr::Const(value) => Ok(Some(value)),
            Attr::Expr(_) => Err(Refused),
        }
    }

    /// The text inside.
    pub(crate) fn text<T: AttrValue>(&mut self) -> Result<Attr<T>, Refused> {
        let raw = self.element.text(&self.session.source);
        let what = format!("the text of `{}`", self.element.name);
        self.session.value(&raw, &what, true)
    }

    /// The text inside without white space around it.
    pub(crate) fn trimmed_text<T: AttrValue>(&mut self) -> Result<Attr<T>, Refused> {
        let raw = self.element.text(&self.session.source).trimmed();
        let what = format!("the text of `{}`", self.element.name);
        self.session.value(&raw, &what, true)
    }

    /// Is there text inside (more than white space)?
    pub(crate) fn has_text(&self) -> bool {
        self.element.first_words(&self.session.source).is_some()
    }

    /// Reads each child of a name.
    pub(crate) fn each<T>(
        &mut self,
        name: &str,
        mut read: impl FnMut(&mut Node<'_, 'e>) -> Result<T, Refused>,
    ) -> Result<Vec<T>, Refused> {
        let mut out = Vec::new();
        let mut refused = false;
        let Some(spec) = child_spec(self.content, name) else { return Ok(out) };
        for (index, child) in self.element.elements().filter(|e| e.name == name).enumerate() {
            let path = format!("{}/{name}[{}]", self.path, index.saturating_add(1)).into();
            let mut node = Node {
                element: child,
                attributes: spec.attributes,
                content: spec.content,
                session: self.session,
                path,
            };
            match read(&mut node) {
                Ok(value) => out.push(value),
                Err(Refused) => refused = true,
            }
        }
        if refused { Err(Refused) } else { Ok(out) }
    }

    /// Reads the child of a name, if there is one.
    pub(crate) fn child<T>(
        &mut self,
        name: &str,
        read: impl FnMut(&mut Node<'_, 'e>) -> Result<T, Refused>,
    ) -> Result<Option<T>, Refused> {
        Ok(self.each(name, read)?.into_iter().next())
    }

    /// How many children of a name there are.
    pub(crate) fn count(&self, name: &str) -> usize {
        self.element.elements().filter(|e| e.name == name).count()
    }

    /// Does an element stand inside, at any depth, of which `test` is true? Fragments are not looked into.
    pub(crate) fn holds(&self, test: fn(&Element) -> bool) -> bool {
        fn below(element: &Element, test: fn(&Element) -> bool) -> bool {
            element.elements().any(|e| test(e) || below(e, test))
        }
        below(self.element, test)
    }

    /// Compiles the policies inside.
    pub(crate) fn block(&mut self) -> Result<Block, Refused> {
        let path = Arc::clone(&self.path);
        self.session.nested_block(self.element, &path)
    }

    /// Compiles a fragment in the place of this statement.
    pub(crate) fn fragment(&mut self, id: &str) -> Result<Block, Refused> {
        let span = self.value_span("fragment-id");
        self.session.fragment_block(id, span, &self.path.clone())
    }

    /// Marks `base`.
    pub(crate) fn base(&mut self) {
        let span = self.element.name_span;
        self.session.note_base(span);
    }

    /// Records needs of the policy itself.
    pub(crate) fn need(&mut self, needs: Needs) {
        let section = self.session.section;
        let all = self.session.needs.get_mut(section);
        *all = all.union(needs);
    }

    /// Reports a backend that does not exist, and records that the document depends on it.
    pub(crate) fn check_backend(&mut self, attribute: &str, id: &str) -> Result<(), Refused> {
        self.session.uses.backends.insert(id.to_owned());
        if self.session.env.standalone || self.session.env.references.backend(id) {
            return Ok(());
        }
        let message = match self.session.env.references.left_out(id) {
            Some(why) => format!("backend `{id}` cannot be used: {why}"),
            None => format!("there is no backend `{id}`"),
        };
        let help = did_you_mean(id, self.session.env.references.backends());
        self.fail_attribute(codes::UNKNOWN_BACKEND, attribute, message, help.as_deref())
    }

    /// Reports a certificate that does not exist, and records that the document depends on it.
    pub(crate) fn check_certificate(&mut self, attribute: &str, id: &str) -> Result<(), Refused> {
        self.session.uses.certificates.insert(id.to_owned());
        if self.session.env.standalone || self.session.env.references.certificate(id) {
            return Ok(());
        }
        let help = did_you_mean(id, self.session.env.references.certificates());
        let message = format!("there is no certificate `{id}`");
        self.fail_attribute(codes::UNKNOWN_CERTIFICATE, attribute, message, help.as_deref())
    }

    /// Warns of a logger that nothing can be sent to, and records that the document depends on it.
    pub(crate) fn check_logger(&mut self, attribute: &str, id: &str) {
        self.session.uses.loggers.insert(id.to_owned());
        if self.session.env.standalone || self.session.env.references.logger(id) {
            return;
        }
        let message = format!("there is no logger `{id}` with a connection string: nothing is sent");
        let d = Diagnostic::new(
            Severity::Warning,
            codes::UNKNOWN_LOGGER,
            &self.session.source,
            self.value_span(attribute),
            message,
        );
        self.session.report(d);
    }

    /// Reports an error at an attribute's value (at the element where the attribute is absent).
    pub(crate) fn fail_attribute<T>(
        &mut self,
        code: u16,
        attribute: &str,
        message: String,
        help: Option<&str>,
    ) -> Result<T, Refused> {
        let span = self.value_span(attribute);
        self.session.error_help(code, span, message, help.map(str::to_owned));
        Err(Refused)
    }

    /// Reports an error at the element.
    pub(crate) fn fail<T>(&mut self, code: u16, message: impl Into<String>, help: Option<&str>) -> Result<T, Refused> {
        self.session.error_help(code, self.element.name_span, message, help.map(str::to_owned));
        Err(Refused)
    }

    /// Reports an error at the text inside.
    pub(crate) fn fail_text<T>(
        &mut self,
        code: u16,
        message: impl Into<String>,
        help: Option<&str>,
    ) -> Result<T, Refused> {
        let span = self.element.first_words(&self.session.source).unwrap_or(self.element.name_span);
        self.session.error_help(code, span, message, help.map(str::to_owned));
        Err(Refused)
    }

    /// Reports a warning at the element.
    pub(crate) fn warn(&mut self, code: u16, message: impl Into<String>, help: &str) {
        let d =
            Diagnostic::new(Severity::Warning, code, &self.session.source, self.element.name_span, message).help(help);
        self.session.report(d);
    }

    fn value_span(&self, attribute: &str) -> Span {
        self.element.attribute(attribute).map_or(self.element.name_span, |a| a.value)
    }
}

/// Description of a child by name.
pub(super) fn child_spec(content: Content, name: &str) -> Option<&'static ChildSpec> {
    match content {
        Content::Children(children) | Content::Mixed(children) => children.iter().find(|c| c.element == name),
        _ => None,
    }
}

/// Hint for a slip of the pen.
pub(super) fn did_you_mean<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    nearest(name, known).map(|n| format!("did you mean `{n}`?"))
}
