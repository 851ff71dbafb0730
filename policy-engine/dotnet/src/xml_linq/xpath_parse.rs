//! Reads XPath 1.0 expressions into a tree. Variables are not supported: nothing in an expression could give them.
use crate::exception::{Exception, Result};
use crate::types::TypeId;

const MAX_LENGTH: usize = 16 * 1024;
const MAX_DEPTH: usize = 64;

/// Where a step looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Axis {
    Child,
    Descendant,
    DescendantOrSelf,
    Parent,
    Ancestor,
    AncestorOrSelf,
    SelfNode,
    Attribute,
    FollowingSibling,
    PrecedingSibling,
    Following,
    Preceding,
}

/// What a step keeps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Test {
    /// `*`, `p:*`, `name`, `p:name`: prefix and local name.
    Name(Option<String>, Option<String>),
    AnyNode,
    Text,
    Comment,
    Instruction(Option<String>),
}

/// One step of a path.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) axis: Axis,
    pub(super) test: Test,
    pub(super) predicates: Vec<Expr>,
}

/// An operator of two operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Op {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Union,
}

/// An expression.
#[derive(Clone, Debug)]
pub(super) enum Expr {
    Number(f64),
    Text(String),
    Negate(Box<Expr>),
    Binary(Op, Box<Expr>, Box<Expr>),
    Call(String, Vec<Expr>),
    /// Steps from the root of the tree, from a filtered expression, or from the context node.
    Path {
        absolute: bool,
        start: Option<Box<Expr>>,
        predicates: Vec<Expr>,
        steps: Vec<Step>,
    },
}

#[derive(Clone, PartialEq, Debug)]
enum Token {
    Number(f64),
    Text(String),
    /// A name, with its prefix if it has one; `*` as local name is [`Token::Sign`] unless prefixed.
    Name(Option<String>, String),
    Sign(&'static str),
}

/// Longer signs first.
const SIGNS: &[&str] = &[
    "//", "::", "..", "!=", "<=", ">=", "/", "(", ")", "[", "]", ".", "@", ",", "|", "+", "-", "=", "<", ">", "*", "$",
];

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Expr> {
    if text.len() > MAX_LENGTH {
        return Err(Exception::limit("an XPath expression is too long"));
    }
    let mut p = Parser { text, tokens: tokens(text)?, at: 0, depth: 0 };
    let e = p.binary(0)?;
    if p.at < p.tokens.len() { Err(invalid(text)) } else { Ok(e) }
}

/// `XPathException`
pub(super) fn fail(message: String) -> Exception {
    Exception::new(TypeId("System.Xml.XPath.XPathException"), message)
}

fn invalid(text: &str) -> Exception {
    fail(format!("'{text}' has an invalid token."))
}

fn tokens(text: &str) -> Result<Vec<Token>> {
    let (mut out, mut rest) = (Vec::new(), text.trim_start());
    while let Some(c) = rest.chars().next() {
        let (token, used) = if c == '"' || c == '\'' {
            let inner = rest.get(1..).unwrap_or_default();
            let end = inner.find(c).ok_or_else(|| fail("This is an unclosed string.".into()))?;
            (Token::Text(inner.get(..end).unwrap_or_default().to_owned()), end + 2)
        } else if c.is_ascii_digit()
            || c == '.' && rest.get(1..2).is_some_and(|d| d.as_bytes().iter().all(u8::is_ascii_digit))
        {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let number = rest.get(..end).unwrap_or_default().trim_end_matches('.').parse();
            (Token::Number(number.map_err(|_| invalid(text))?), end)
        } else if super::name::is_name_start(c) {
            name(rest)
        } else {
            let sign = SIGNS.iter().find(|s| rest.starts_with(**s)).ok_or_else(|| invalid(text))?;
            (Token::Sign(sign), sign.len())
        };
        out.push(token);
        rest = rest.get(used..).unwrap_or_default().trim_start();
    }
    Ok(out)
}

fn name(rest: &str) -> (Token, usize) {
    let end = |text: &str| text.find(|c| !super::name::is_name_char(c)).unwrap_or(text.len());
    let first = end(rest);
    let (head, after) = rest.split_at(first);
    let second = after.strip_prefix(':').filter(|r| !r.starts_with(':'));
    match second {
        Some(local) if local.starts_with('*') => (Token::Name(Some(head.to_owned()), "*".into()), first + 2),
        Some(local) if local.starts_with(super::name::is_name_start) => {
            let len = end(local);
            let local = local.get(..len).unwrap_or_default();
            (Token::Name(Some(head.to_owned()), local.to_owned()), first + 1 + len)
        }
        _ => (Token::Name(None, head.to_owned()), first),
    }
}

/// Levels of binary operators, weakest first.
const LEVELS: &[&[(&str, Op)]] = &[
    &[("or", Op::Or)],
    &[("and", Op::And)],
    &[("=", Op::Equal), ("!=", Op::NotEqual)],
    &[("<", Op::Less), ("<=", Op::LessOrEqual), (">", Op::Greater), (">=", Op::GreaterOrEqual)],
    &[("+", Op::Add), ("-", Op::Subtract)],
    &[("*", Op::Multiply), ("div", Op::Divide), ("mod", Op::Modulo)],
];

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Token::Sign(s)) if *s == sign)
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<()> {
        if self.eat(sign) { Ok(()) } else { Err(invalid(self.text)) }
    }

    fn operator(&mut self, level: &[(&str, Op)]) -> Option<Op> {
        let found = match self.peek()? {
            Token::Sign(s) => level.iter().find(|(text, _)| text == s),
            Token::Name(None, word) => level.iter().find(|(text, _)| text == word),
            _ => None,
        };
        let op = found.map(|(_, op)| *op)?;
        self.at += 1;
        Some(op)
    }

    fn binary(&mut self, level: usize) -> Result<Expr> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        self.depth += 1;
        if self.depth > MAX_DEPTH * LEVELS.len() {
            return Err(Exception::limit("an XPath expression nests too deeply"));
        }
        let mut left = self.binary(level + 1)?;
        while let Some(op) = self.operator(operators) {
            left = Expr::Binary(op, Box::new(left), Box::new(self.binary(level + 1)?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr> {
        let mut negative = false;
        while self.eat("-") {
            negative = !negative;
        }
        let mut e = self.path()?;
        while self.eat("|") {
            e = Expr::Binary(Op::Union, Box::new(e), Box::new(self.path()?));
        }
        Ok(if negative { Expr::Negate(Box::new(e)) } else { e })
    }

    fn path(&mut self) -> Result<Expr> {
        let start = match self.peek().cloned() {
            Some(Token::Number(n)) => {
                self.at += 1;
                Some(Expr::Number(n))
            }
            Some(Token::Text(t)) => {
                self.at += 1;
                Some(Expr::Text(t))
            }
            Some(Token::Sign("(")) => {
                self.at += 1;
                let inner = self.binary(0)?;
                self.expect(")")?;
                Some(inner)
            }
            Some(Token::Sign("$")) => return Err(fail("XPath variables are not supported here.".into())),
            Some(Token::Name(None, name)) if self.is_call(&name) => Some(self.call(name)?),
            _ => None,
        };
        let has_start = start.is_some();
        let predicates = if has_start { self.predicates()? } else { Vec::new() };
        let mut steps = Vec::new();
        let mut absolute = false;
        if has_start {
            if !self.is("/") && !self.is("//") {
                return match start {
                    Some(e) if predicates.is_empty() => Ok(e),
                    other => Ok(Expr::Path { absolute, start: other.map(Box::new), predicates, steps }),
                };
            }
        } else if self.is("/") || self.is("//") {
            absolute = true;
            if self.is("/") && !self.starts_step(1) {
                self.at += 1;
                return Ok(Expr::Path { absolute, start: None, predicates, steps });
            }
        } else {
            steps.push(self.step()?);
        }
        loop {
            if self.eat("//") {
                steps.push(Step { axis: Axis::DescendantOrSelf, test: Test::AnyNode, predicates: Vec::new() });
            } else if !self.eat("/") {
                break;
            }
            steps.push(self.step()?);
        }
        Ok(Expr::Path { absolute, start: start.map(Box::new), predicates, steps })
    }

    fn starts_step(&self, ahead: usize) -> bool {
        match self.tokens.get(self.at + ahead) {
            Some(Token::Name(..)) => true,
            Some(Token::Sign(s)) => matches!(*s, "." | ".." | "@" | "*"),
            _ => false,
        }
    }

    /// A function, not a node test.
    fn is_call(&self, name: &str) -> bool {
        matches!(self.tokens.get(self.at + 1), Some(Token::Sign("(")))
            && !matches!(name, "text" | "node" | "comment" | "processing-instruction")
    }

    fn call(&mut self, name: String) -> Result<Expr> {
        self.at += 2;
        let mut args = Vec::new();
        while !self.eat(")") {
            args.push(self.binary(0)?);
            if !self.eat(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(Expr::Call(name, args))
    }

    fn predicates(&mut self) -> Result<Vec<Expr>> {
        let mut all = Vec::new();
        while self.eat("[") {
            all.push(self.binary(0)?);
            self.expect("]")?;
        }
        Ok(all)
    }

    fn step(&mut self) -> Result<Step> {
        let any = |axis| Step { axis, test: Test::AnyNode, predicates: Vec::new() };
        if self.eat(".") {
            return Ok(any(Axis::SelfNode));
        }
        if self.eat("..") {
            return Ok(any(Axis::Parent));
        }
        let axis = self.axis()?;
        let test = self.test()?;
        Ok(Step { axis, test, predicates: self.predicates()? })
    }

    fn axis(&mut self) -> Result<Axis> {
        if self.eat("@") {
            return Ok(Axis::Attribute);
        }
        let (Some(Token::Name(None, name)), Some(Token::Sign("::"))) = (self.peek(), self.tokens.get(self.at + 1))
        else {
            return Ok(Axis::Child);
        };
        let axis = match name.as_str() {
            "child" => Axis::Child,
            "descendant" => Axis::Descendant,
            "descendant-or-self" => Axis::DescendantOrSelf,
            "parent" => Axis::Parent,
            "ancestor" => Axis::Ancestor,
            "ancestor-or-self" => Axis::AncestorOrSelf,
            "self" => Axis::SelfNode,
            "attribute" => Axis::Attribute,
            "following-sibling" => Axis::FollowingSibling,
            "preceding-sibling" => Axis::PrecedingSibling,
            "following" => Axis::Following,
            "preceding" => Axis::Preceding,
            _ => return Err(invalid(self.text)),
        };
        self.at += 2;
        Ok(axis)
    }

    fn test(&mut self) -> Result<Test> {
        let token = self.peek().cloned();
        self.at += 1;
        match token {
            Some(Token::Sign("*")) => Ok(Test::Name(None, None)),
            Some(Token::Name(prefix, local)) => {
                if prefix.is_none() && self.eat("(") {
                    let test = match local.as_str() {
                        "text" => Test::Text,
                        "node" => Test::AnyNode,
                        "comment" => Test::Comment,
                        "processing-instruction" => {
                            let target = match self.peek().cloned() {
                                Some(Token::Text(t)) => {
                                    self.at += 1;
                                    Some(t)
                                }
                                _ => None,
                            };
                            Test::Instruction(target)
                        }
                        _ => return Err(invalid(self.text)),
                    };
                    self.expect(")")?;
                    return Ok(test);
                }
                Ok(Test::Name(prefix, Some(local).filter(|l| l != "*")))
            }
            _ => Err(invalid(self.text)),
        }
    }
}
