//! Every syntax finding has a number here: ours, and the C# compiler's where it has one. Numbers are never reused.
//! 2000-2099 text and literals, 2100-2199 something missing, 2200-2299 something misplaced, 2300-2399 refused forms, 2900 limits.

/// A finding's numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    pub code: u16,
    pub csharp: Option<u16>,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $code:literal $(, $csharp:literal)?;)*) => {
        $($(#[$doc])* pub const $name: Rule = Rule { code: $code, csharp: rules!(@cs $($csharp)?) };)*
        /// All of them.
        pub const ALL: &[Rule] = &[$($name),*];
    };
    (@cs $csharp:literal) => { Some($csharp) };
    (@cs) => { None };
}

rules! {
    UNEXPECTED_CHARACTER = 2000, 1056;
    NEWLINE_IN_CONSTANT = 2001, 1010;
    EMPTY_CHAR = 2002, 1011;
    LONG_CHAR = 2003, 1012;
    BAD_ESCAPE = 2004, 1009;
    INTEGER_TOO_LARGE = 2005, 1021;
    REAL_TOO_LARGE = 2006, 594;
    INVALID_NUMBER = 2007, 1013;
    INVALID_REAL = 2008, 595;
    UNTERMINATED_VERBATIM = 2009, 1039;
    UNTERMINATED_COMMENT = 2010, 1035;
    UNTERMINATED_RAW = 2011, 8997;
    RAW_LAYOUT = 2012, 8999;
    HOLE_NOT_CLOSED = 2013, 8076;
    LONE_CLOSE_BRACE = 2014, 8086;
    EMPTY_FORMAT = 2015, 8089;
    RAW_BRACES = 2016, 9006;
    LONE_AT = 2017, 1646;
    PREPROCESSOR = 2018;
    ERROR_DIRECTIVE = 2024, 1029;
    PREPROCESSOR_MISPLACED = 2019, 1040;
    LOWER_L_SUFFIX = 2020, 78;
    UTF8_STRING = 2021;
    CODE_POINT_TOO_LARGE = 2022, 8054;
    LONE_OPEN_BRACE = 2023, 8087;

    SEMICOLON_EXPECTED = 2100, 1002;
    TOKEN_EXPECTED = 2101, 1003;
    CLOSE_PAREN_EXPECTED = 2102, 1026;
    CLOSE_BRACE_EXPECTED = 2103, 1513;
    OPEN_BRACE_EXPECTED = 2104, 1514;
    IDENTIFIER_EXPECTED = 2105, 1001;
    IDENTIFIER_IS_KEYWORD = 2106, 1041;
    TYPE_EXPECTED = 2107, 1031;
    EXPRESSION_EXPECTED = 2108, 1525;
    HOLE_EMPTY = 2109, 1733;
    CATCH_OR_FINALLY_EXPECTED = 2110, 1524;
    IN_EXPECTED = 2111, 1515;
    FOREACH_PARTS = 2112, 230;
    NEW_NEEDS_ARGUMENTS = 2113, 1526;
    ARRAY_NEEDS_SIZE = 2114, 1586;
    ANONYMOUS_MEMBER_NAME = 2115, 746;
    QUERY_END_EXPECTED = 2116, 742;
    BY_EXPECTED = 2117, 743;
    SYNTAX_COLON_IN_CONDITIONAL = 2119, 8361;
    CONST_NEEDS_VALUE = 2120, 145;
    STATEMENT_EXPECTED = 2121, 1525;
    TUPLE_TOO_SHORT = 2122, 8124;
    CLOSE_BRACKET_EXPECTED = 2123, 1003;

    UNEXPECTED_TOKEN = 2200, 1073;
    INVALID_STATEMENT = 2201, 201;
    EMBEDDED_DECLARATION = 2202, 1023;
    ELSE_WITHOUT_IF = 2203, 8641;
    CATCH_WITHOUT_TRY = 2204, 1003;
    STRAY_CASE = 2205, 1525;
    CATCH_AFTER_GENERAL = 2206, 1017;
    STRAY_CLOSE_BRACE = 2209, 1022;
    UNPARENTHESISED_LAMBDA = 2211, 1525;
    MIXED_INITIALIZER = 2212, 747;
    SLICE_MISPLACED = 2214, 9202;
    THROW_MISPLACED = 2213, 8115;
    LAMBDA_PARAMETERS_MIXED = 2215, 748;
    BRACKETS_AFTER_NAME = 2216, 650;
    VAR_SEVERAL = 2217, 819;
    LOCAL_FUNCTION_BODY = 2218, 8112;
    RANK_MISMATCH = 2219, 178;
    MISSPELT_STATEMENT = 2220, 103;
    MODIFIER = 2221, 106;

    AWAIT = 2300, 4032;
    STACKALLOC = 2302;
    UNSAFE_CODE = 2303, 227;
    TYPE_DECLARATION = 2304, 1513;
    ASYNC_FUNCTION = 2305, 246;
    THIS_OR_BASE = 2307, 26;
    BASE_ACCESS = 2308, 1511;
    ATTRIBUTES = 2309;
    POINTER = 2310, 214;
    USING_DIRECTIVE = 2311, 1529;
    POINTER_READ = 2312, 193;

    TOO_COMPLEX = 2900, 8078;
    TOO_LARGE = 2901;
    TOO_MANY = 2902;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_in_range() {
        let mut seen = std::collections::HashSet::new();
        for rule in ALL {
            assert!(seen.insert(rule.code), "GW{} is used twice", rule.code);
            assert!((2000..3000).contains(&rule.code));
        }
    }
}
