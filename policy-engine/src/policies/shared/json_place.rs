//! Where a value stands in a JSON text: line and position for a JSON pointer. The text has been parsed before, so only its shape
//! is followed, and what does not fit ends at the place reached.

/// Line and position (from 1, in characters) of the value that a pointer leads to; the start of the text where there is none.
pub(in crate::policies) fn of(text: &str, pointer: &str) -> (usize, usize) {
    let mut scan = Scan { text, at: 0 };
    for part in pointer.split('/').skip(1) {
        let name = part.replace("~1", "/").replace("~0", "~");
        if !scan.enter(&name) {
            break;
        }
    }
    scan.white();
    let before = text.get(..scan.at).unwrap_or_default();
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
    let column = before.get(start..).unwrap_or_default().chars().count();
    (line.saturating_add(1), column.saturating_add(1))
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scan<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn white(&mut self) {
        let rest = self.rest();
        self.at = self.at.saturating_add(rest.len().saturating_sub(rest.trim_start().len()));
    }

    fn take(&mut self, wanted: char) -> bool {
        self.white();
        let is_there = self.rest().starts_with(wanted);
        if is_there {
            self.at = self.at.saturating_add(1);
        }
        is_there
    }

    /// Goes into a member of the value here: to the value of that name, or the item of that number.
    fn enter(&mut self, name: &str) -> bool {
        let start = self.at;
        if self.take('{') {
            while !self.rest().is_empty() {
                self.white();
                let key = self.string();
                if !self.take(':') {
                    break;
                }
                if serde_json::from_str::<String>(key).is_ok_and(|key| key == name) {
                    return true;
                }
                self.value();
                if !self.take(',') {
                    break;
                }
            }
        } else if self.take('[') {
            let wanted: usize = name.parse().unwrap_or(usize::MAX);
            for number in 0_usize.. {
                if number == wanted {
                    return true;
                }
                self.value();
                if !self.take(',') {
                    break;
                }
            }
        }
        self.at = start;
        false
    }

    /// Skips a string and gives it with its quotes.
    fn string(&mut self) -> &'t str {
        let rest = self.rest();
        let mut escaped = false;
        let end = rest.char_indices().skip(1).find(|(_, letter)| {
            let ends = *letter == '"' && !escaped;
            escaped = *letter == '\\' && !escaped;
            ends
        });
        let length = end.map_or(rest.len(), |(at, _)| at.saturating_add(1));
        self.at = self.at.saturating_add(length);
        rest.get(..length).unwrap_or_default()
    }

    /// Skips a value, however deep.
    fn value(&mut self) {
        let mut depth: usize = 0;
        loop {
            self.white();
            match self.rest().chars().next() {
                None => return,
                Some('"') => drop(self.string()),
                Some('{' | '[') => {
                    depth = depth.saturating_add(1);
                    self.at = self.at.saturating_add(1);
                    continue;
                }
                Some('}' | ']') => {
                    // An empty list or object ends here; anything else would have been left below.
                    if depth == 0 {
                        return;
                    }
                    depth = depth.saturating_sub(1);
                    self.at = self.at.saturating_add(1);
                }
                Some(',' | ':') if depth > 0 => {
                    self.at = self.at.saturating_add(1);
                    continue;
                }
                Some(_) => {
                    let rest = self.rest();
                    let length = rest.find([',', '}', ']', ':', ' ', '\n', '\r', '\t']).unwrap_or(rest.len());
                    self.at = self.at.saturating_add(length.max(1));
                }
            }
            if depth == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn places() {
        let text = "{\n \"a\": [1, {\"b/c\": \"x,\\\"}]\", \"d\": [[], {}, -1.5e3]}],\n \"é\": true, \"z\": null\n}";
        for (pointer, wanted) in [
            ("", (1, 1)),
            ("/a", (2, 7)),
            ("/a/0", (2, 8)),
            ("/a/1", (2, 11)),
            ("/a/1/b~1c", (2, 19)),
            ("/a/1/d/2", (2, 43)),
            ("/é", (3, 7)),
            ("/z", (3, 18)),
            ("/a/9", (2, 7)),
            ("/none", (1, 1)),
        ] {
            assert_eq!(of(text, pointer), wanted, "{pointer}");
        }
        assert_eq!(of("[1,2,\n3", "/2"), (2, 1));
        assert_eq!(of("", "/a"), (1, 1));
        assert_eq!(of("{\"a", "/a/b"), (1, 1));
    }
}
