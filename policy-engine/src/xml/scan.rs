//! Where an expression ends: a scan over C# that knows brackets, strings, characters and comments, and nothing else.

/// Deepest nesting of brackets and interpolations that is followed.
const MAX_NESTING: usize = 256;

/// Offset just behind the bracket that closes the expression at the start of a text (`@(` or `@{`).
pub(super) fn expression_end(text: &str) -> Option<usize> {
    let mut scan = Scan { bytes: text.as_bytes(), at: 1 };
    if scan.peek(0) != Some(b'(') && scan.peek(0) != Some(b'{') {
        return None;
    }
    scan.brackets(0)?;
    Some(scan.at)
}

struct Scan<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at.saturating_add(ahead)).copied()
    }

    fn step(&mut self, by: usize) {
        self.at = self.at.saturating_add(by);
    }

    /// From an opening bracket to behind the closing one.
    fn brackets(&mut self, depth: usize) -> Option<()> {
        let mut open = Vec::new();
        loop {
            let byte = self.peek(0)?;
            match byte {
                b'(' => open.push(b')'),
                b'[' => open.push(b']'),
                b'{' => open.push(b'}'),
                b')' | b']' | b'}' => {
                    if open.pop() != Some(byte) {
                        return None;
                    }
                    if open.is_empty() {
                        self.step(1);
                        return Some(());
                    }
                }
                b'/' if self.peek(1) == Some(b'/') => {
                    self.line_comment();
                    continue;
                }
                b'/' if self.peek(1) == Some(b'*') => {
                    self.block_comment()?;
                    continue;
                }
                b'"' | b'\'' | b'$' | b'@' => {
                    self.literal(depth)?;
                    continue;
                }
                _ => {}
            }
            if open.len().saturating_add(depth) > MAX_NESTING {
                return None;
            }
            self.step(1);
        }
    }

    fn line_comment(&mut self) {
        while self.peek(0).is_some_and(|b| b != b'\n') {
            self.step(1);
        }
    }

    fn block_comment(&mut self) -> Option<()> {
        self.step(2);
        while !(self.peek(0)? == b'*' && self.peek(1) == Some(b'/')) {
            self.step(1);
        }
        self.step(2);
        Some(())
    }

    /// At `"`, `'`, `$` or `@`: a literal of some kind, or just the character.
    fn literal(&mut self, depth: usize) -> Option<()> {
        let (mut ahead, mut interpolated, mut verbatim) = (0, false, false);
        while let Some(mark @ (b'$' | b'@')) = self.peek(ahead) {
            interpolated |= mark == b'$';
            verbatim |= mark == b'@';
            ahead = ahead.saturating_add(1);
        }
        match self.peek(ahead) {
            Some(b'"') => {
                self.step(ahead);
                if self.peek(1) == Some(b'"') && self.peek(2) == Some(b'"') && !verbatim {
                    return self.raw_string();
                }
                self.step(1);
                self.string(depth, interpolated, verbatim)
            }
            Some(b'\'') if ahead == 0 => {
                self.character();
                Some(())
            }
            _ => {
                self.step(ahead.max(1));
                Some(())
            }
        }
    }

    fn character(&mut self) {
        // `'x'` or `'\x'`; anything else is not a character literal and is stepped over, for the compiler to report.
        let close: usize = if self.peek(1) == Some(b'\\') { 3 } else { 2 };
        let found = (close..close.saturating_add(8)).find(|n| self.peek(*n) == Some(b'\''));
        match found {
            Some(n) if n <= 5 || self.peek(1) == Some(b'\\') => self.step(n.saturating_add(1)),
            _ => self.step(1),
        }
    }

    fn string(&mut self, depth: usize, interpolated: bool, verbatim: bool) -> Option<()> {
        loop {
            match self.peek(0)? {
                b'"' if verbatim && self.peek(1) == Some(b'"') => self.step(2),
                b'"' => {
                    self.step(1);
                    return Some(());
                }
                b'\\' if !verbatim => self.step(2),
                b'{' if interpolated && self.peek(1) == Some(b'{') => self.step(2),
                b'{' if interpolated => {
                    if depth > MAX_NESTING {
                        return None;
                    }
                    self.brackets(depth.saturating_add(1))?;
                }
                b'\n' if !verbatim => return None,
                _ => self.step(1),
            }
        }
    }

    fn raw_string(&mut self) -> Option<()> {
        let mut quotes = 0_usize;
        while self.peek(0) == Some(b'"') {
            quotes = quotes.saturating_add(1);
            self.step(1);
        }
        let mut run = 0_usize;
        while run < quotes {
            run = if self.peek(0)? == b'"' { run.saturating_add(1) } else { 0 };
            self.step(1);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::expression_end;

    #[test]
    fn ends() {
        let whole = [
            r#"@("a)b" + '"' + ')')"#,
            r#"@(@"C:\dir ""quoted"" )")"#,
            r#"@($"{context.Request.Method}:{1 + 1}:{"in" + "ner"}")"#,
            "@{ // a } \" here\n /* ) \" */ return \"}\"; }",
            r#"@("say \"hi\" \\")"#,
            r#"@(x.Split(',').Length)"#,
        ];
        for text in whole {
            assert_eq!(expression_end(&format!("{text} rest")), Some(text.len()), "{text}");
        }
        assert_eq!(expression_end("@(a"), None);
        assert_eq!(expression_end("@(a]"), None);
        assert_eq!(expression_end("@a"), None);
    }
}
