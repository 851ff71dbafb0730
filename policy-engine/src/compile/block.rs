//! Elements to statements: placement, shape, then the policy itself.
use std::sync::Arc;

use super::node::{child_spec, did_you_mean};
use super::session::Session;
use super::spec::{AttributeSpec, ChildSpec, Content, Policy, Refused, Repeat, Spec, Support};
use super::trail::Event;
use super::{Node, document};
use crate::diagnostics::{Diagnostic, Severity, codes, nearest};
use crate::program::{Block, Origin, Section, Statement};
use crate::source::Span;
use crate::xml::{self, Element};

impl Session<'_> {
    /// Policies of a section.
    pub(super) fn section_block(&mut self, element: &Element) -> Result<Block, Refused> {
        self.siblings.clear();
        self.statements(element, "")
    }

    /// Policies inside a policy: numbering starts anew.
    pub(super) fn nested_block(&mut self, element: &Element, path: &str) -> Result<Block, Refused> {
        let outer = std::mem::take(&mut self.siblings);
        let (block, events) = self.gather(|session| session.statements(element, path));
        self.happens(Event::Block(element.name.clone(), events));
        self.siblings = outer;
        block
    }

    /// Policies of a fragment in the place of the including statement: numbering goes on, as if they stood there.
    pub(super) fn fragment_block(&mut self, id: &str, span: Span, path: &str) -> Result<Block, Refused> {
        let key = id.to_lowercase();
        self.uses.fragments.insert(key.clone());
        if let Some(outer) = self.fragment.clone() {
            let message = format!("fragment `{outer}` includes fragment `{id}`");
            self.error_help(
                codes::NESTED_FRAGMENT,
                span,
                message,
                Some("a fragment cannot include another fragment".into()),
            );
            self.trail.open = true;
            return Err(Refused);
        }
        let fragments = self.env.fragments;
        let Some(source) = fragments.get(&key) else {
            if self.env.standalone {
                self.unknowable = true;
                return Err(Refused);
            }
            let help = did_you_mean(id, fragments.keys().map(String::as_str));
            self.error_help(codes::UNKNOWN_FRAGMENT, span, format!("there is no fragment `{id}`"), help);
            self.trail.open = true;
            return Err(Refused);
        };
        let place = Diagnostic::new(Severity::Warning, 0, &self.source, span, "");
        let outer = std::mem::replace(&mut self.source, Arc::clone(source));
        self.fragment = Some(id.into());
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let (block, events) = self.gather(|session| match document::fragment_root(session) {
            Ok(root) => {
                session.note_sets(&root);
                session.statements(&root, parent)
            }
            Err(Refused) => {
                session.trail.open = true;
                Err(Refused)
            }
        });
        self.happens(Event::Fragment(Arc::new(place), events));
        self.fragment = None;
        self.source = outer;
        block
    }

    fn statements(&mut self, parent: &Element, path: &str) -> Result<Block, Refused> {
        if let Some(span) = parent.first_words(&self.source) {
            let trimmed = parent.text(&self.source).trimmed().whole();
            let span = if trimmed.end > trimmed.start { trimmed } else { span };
            self.error(codes::STRAY_TEXT, span, format!("text between the policies of `{}`", parent.name));
        }
        let mut statements = Vec::new();
        let mut refused = false;
        for element in parent.elements() {
            match self.statement(element, path) {
                Ok(Some(statement)) => statements.push(statement),
                Ok(None) => {}
                Err(Refused) => refused = true,
            }
        }
        if refused { Err(Refused) } else { Ok(Block { statements: statements.into() }) }
    }

    fn statement(&mut self, element: &Element, parent: &str) -> Result<Option<Statement>, Refused> {
        let number = self.siblings.entry(element.name.clone()).or_insert(0);
        *number = number.saturating_add(1);
        let number = *number;
        let table = self.env.table;
        let policy = match table.find(&element.name) {
            Support::Policy(policy) => policy,
            Support::NotYet if self.env.allow_skip.contains(&element.name) => {
                self.warning(
                    codes::SKIPPED_POLICY,
                    element.name_span,
                    format!("policy `{}` is not supported and is skipped on request", element.name),
                );
                return Ok(None);
            }
            Support::NotYet => {
                self.unsupported(element);
                return Err(Refused);
            }
            Support::Unknown(nearest) => {
                self.unknown(element, nearest);
                return Err(Refused);
            }
        };
        let spec = policy.spec();
        let separator = if parent.is_empty() { "" } else { "/" };
        let path: Arc<str> = format!("{parent}{separator}{}[{number}]", spec.element).into();
        self.place(element, spec)?;
        self.compile_policy(element, policy, path).map(Some)
    }

    fn compile_policy(&mut self, element: &Element, policy: &dyn Policy, path: Arc<str>) -> Result<Statement, Refused> {
        let spec = policy.spec();
        let shape = self.shape(element, spec.attributes, spec.content, true);
        let id = element.attribute("id").map(|a| Arc::from(a.value(&self.source).as_str()));
        let mut node = Node {
            element,
            attributes: spec.attributes,
            content: spec.content,
            session: self,
            path: Arc::clone(&path),
        };
        let (op, events) = {
            node.session.events.push(Vec::new());
            let op = policy.compile(&mut node);
            (op, node.session.events.pop().unwrap_or_default())
        };
        self.happens(Event::Policy(spec.element, events));
        self.sets_happen(element);
        let op = op?;
        shape?;
        Ok(Statement { op, origin: Origin { element: spec.element, path, id } })
    }

    fn unknown(&mut self, element: &Element, nearest: Option<&str>) {
        let section = Section::named(&element.name).filter(|_| self.fragment.is_some() || self.unplaced);
        if let Some(section) = section {
            let help = "a fragment holds policies only; the including document decides on the section".to_owned();
            let name = self.fragment.as_deref().map(|f| format!(" `{f}`")).unwrap_or_default();
            let message = format!("section `{}` inside fragment{name}", section.as_str());
            self.error_help(codes::SECTION_IN_FRAGMENT, element.name_span, message, Some(help));
            return;
        }
        // Perhaps a misspelt `set-variable`.
        self.trail.open = true;
        let is_section = Section::named(&element.name).is_some();
        let help = match nearest {
            _ if is_section => Some("sections stand directly in `policies`".to_owned()),
            nearest => nearest.map(|n| format!("did you mean `{n}`?")),
        };
        self.error_help(
            codes::UNKNOWN_POLICY,
            element.name_span,
            format!("there is no policy `{}`", element.name),
            help,
        );
    }

    /// May the policy stand here, and stand here again?
    fn place(&mut self, element: &Element, spec: &'static Spec) -> Result<(), Refused> {
        if self.unplaced {
            return Ok(());
        }
        let at = self.source.position(element.name_span.start);
        let refusal = |what: &str| {
            format!("Error in element '{}' on line {}, column {}: {what}", spec.element, at.line, at.column)
        };
        if !spec.sections.contains(&self.section) {
            let allowed: Vec<&str> = spec.sections.iter().map(|s| s.as_str()).collect();
            let help = format!(
                "`{}` cannot stand in `{}`; allowed: {}",
                spec.element,
                self.section.as_str(),
                allowed.join(", ")
            );
            self.error_help(
                codes::WRONG_SECTION,
                element.name_span,
                refusal("Policy section is not allowed in the specified scope"),
                Some(help),
            );
            return Err(Refused);
        }
        if !self.unscoped && !spec.scopes.contains(&self.scope) {
            let allowed: Vec<&str> = spec.scopes.iter().map(|s| s.as_str()).collect();
            let help = format!(
                "`{}` cannot stand at {} scope; allowed: {}",
                spec.element,
                self.scope.as_str(),
                allowed.join(", ")
            );
            self.error_help(
                codes::WRONG_SCOPE,
                element.name_span,
                refusal("Policy is not allowed in the specified scope"),
                Some(help),
            );
            return Err(Refused);
        }
        let repeated = match spec.repeat {
            Repeat::Many => false,
            Repeat::OncePerSection => self.once.contains(&(spec.element, self.section)),
            Repeat::OncePerDocument => self.once.iter().any(|(name, _)| *name == spec.element),
        };
        if repeated {
            let whole = if spec.repeat == Repeat::OncePerSection { "a section" } else { "a policy document" };
            self.error(
                codes::REPEATED_POLICY,
                element.name_span,
                format!("policy `{}` may stand only once in {whole}", spec.element),
            );
            return Err(Refused);
        }
        if spec.repeat != Repeat::Many {
            self.once.push((spec.element, self.section));
        }
        Ok(())
    }

    /// Attributes and children against the description, all the way down.
    pub(super) fn shape(
        &mut self,
        element: &Element,
        attributes: &'static [AttributeSpec],
        content: Content,
        is_policy: bool,
    ) -> Result<(), Refused> {
        let mut ok = self.check_attributes(element, attributes, content, is_policy);
        match content {
            Content::Policies => return if ok { Ok(()) } else { Err(Refused) },
            Content::Empty | Content::Text | Content::Verbatim => {
                if let Some(child) = element.elements().next() {
                    let message = format!("`{}` has no child `{}`", element.name, child.name);
                    self.error(codes::UNKNOWN_CHILD, child.name_span, message);
                    ok = false;
                }
            }
            Content::Children(children) | Content::Mixed(children) => {
                ok &= self.check_children(element, content, children)
            }
        }
        if matches!(content, Content::Empty | Content::Children(_)) && element.first_words(&self.source).is_some() {
            let span = element.text(&self.source).trimmed().whole();
            let help = match content {
                Content::Children(children) => Some(listed("it holds", children.iter().map(|c| c.element))),
                _ => None,
            };
            self.error_help(codes::UNEXPECTED_TEXT, span, format!("`{}` holds no text", element.name), help);
            ok = false;
        }
        if ok { Ok(()) } else { Err(Refused) }
    }

    fn check_attributes(
        &mut self,
        element: &Element,
        attributes: &'static [AttributeSpec],
        content: Content,
        is_policy: bool,
    ) -> bool {
        let (mut ok, mut meant) = (true, Vec::new());
        for attribute in &element.attributes {
            let name = attribute.name.as_str();
            if (is_policy && name == "id") || name.starts_with("xmlns") || attributes.iter().any(|a| a.name == name) {
                continue;
            }
            let known = attributes.iter().map(|a| a.name);
            meant.extend(nearest(name, known.clone()));
            let is_child = child_spec(content, name).is_some();
            let as_child = is_child.then(|| format!("it is a child: `<{name}>...</{name}>`"));
            let help = as_child.or_else(|| did_you_mean(name, known.clone())).or_else(|| {
                let some = known.clone().next().is_some();
                some.then(|| listed("known are", known))
            });
            self.error_help(
                codes::UNKNOWN_ATTRIBUTE,
                attribute.name_span,
                format!("`{}` has no attribute `{name}`", element.name),
                help,
            );
            // Perhaps the one that names a variable.
            self.trail.open = true;
            ok = false;
        }
        for attribute in attributes.iter().filter(|a| a.required && element.attribute(a.name).is_none()) {
            // What is missing is what was misspelt.
            if meant.contains(&attribute.name) {
                continue;
            }
            self.error(
                codes::MISSING_ATTRIBUTE,
                element.name_span,
                format!("`{}` needs the attribute `{}`", element.name, attribute.name),
            );
            ok = false;
        }
        ok
    }

    fn check_children(&mut self, element: &Element, content: Content, children: &'static [ChildSpec]) -> bool {
        let (mut ok, mut meant) = (true, Vec::new());
        for child in element.elements() {
            match child_spec(content, &child.name) {
                Some(spec) => {
                    ok &=
                        self.shape(child, spec.attributes, spec.content, self.env.table.is_policy(&child.name)).is_ok()
                }
                None => {
                    let names = children.iter().map(|c| c.element);
                    let near = foreign_child(&child.name)
                        .filter(|near| names.clone().any(|n| n == *near))
                        .or_else(|| nearest(&child.name, names.clone()));
                    let help =
                        near.map_or_else(|| listed("known are", names), |near| format!("did you mean `{near}`?"));
                    meant.extend(near);
                    self.error_help(
                        codes::UNKNOWN_CHILD,
                        child.name_span,
                        format!("`{}` has no child `{}`", element.name, child.name),
                        Some(help),
                    );
                    ok = false;
                }
            }
        }
        for spec in children {
            let mut found = element.elements().filter(|e| e.name == spec.element).skip(spec.max as usize);
            if let Some(extra) = found.next() {
                self.error(
                    codes::REPEATED_CHILD,
                    extra.name_span,
                    match spec.max {
                        1 => format!("`{}` may hold `{}` only once", element.name, spec.element),
                        max => format!("`{}` may hold `{}` only {max} times", element.name, spec.element),
                    },
                );
                ok = false;
            }
            let count = element.elements().filter(|e| e.name == spec.element).count();
            // What is missing may be what was misspelt.
            if count < spec.min as usize && meant.contains(&spec.element) {
                ok = false;
            } else if count < spec.min as usize {
                self.error(
                    codes::MISSING_CHILD,
                    element.name_span,
                    format!("`{}` needs a child `{}`", element.name, spec.element),
                );
                ok = false;
            }
        }
        ok
    }

    /// Records `base`, which may stand once in a section and never in a fragment.
    pub(super) fn note_base(&mut self, span: Span) {
        if let Some(fragment) = self.fragment.clone() {
            self.error(codes::BASE_IN_FRAGMENT, span, format!("`base` inside fragment `{fragment}`"));
            return;
        }
        if self.unplaced {
            self.error(codes::BASE_IN_FRAGMENT, span, "`base` inside a fragment");
            return;
        }
        if *self.has_base.get(self.section) {
            self.error(
                codes::DUPLICATE_BASE,
                span,
                format!("`base` stands more than once in section `{}`", self.section.as_str()),
            );
        }
        *self.has_base.get_mut(self.section) = true;
    }

    /// Reads the source and gives its only top-level element.
    pub(super) fn root(&mut self) -> Result<Element, Refused> {
        let source = Arc::clone(&self.source);
        let nodes = xml::parse(&source).map_err(|fault| {
            self.error_help(fault.code, fault.span, fault.message, fault.help);
            Refused
        })?;
        document::single_root(self, nodes)
    }
}

/// What other languages call a child.
fn foreign_child(name: &str) -> Option<&'static str> {
    match name {
        "else" | "default" => Some("otherwise"),
        "if" | "else-if" | "elseif" | "elif" | "case" => Some("when"),
        _ => None,
    }
}

/// `known are `a`, `b``
fn listed<'n>(what: &str, names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    format!("{what} {}", names.join(", "))
}
