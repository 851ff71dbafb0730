//! Numbers of the binder's findings (3000-3999) with the C# compiler's number for the same mistake. Never reused; a test keeps them unique.

/// Ours, and C#'s (0 where C# has none).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Code {
    pub(crate) number: u16,
    pub(crate) csharp: u16,
}

macro_rules! codes {
    ($($name:ident = $number:literal / $csharp:literal;)*) => {
        $(pub(crate) const $name: Code = Code { number: $number, csharp: $csharp };)*
        /// Every code, for the uniqueness test and listings.
        #[cfg(test)]
        pub(crate) const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    // Names and members
    UNKNOWN_NAME = 3001 / 103;
    UNKNOWN_TYPE = 3002 / 246;
    AMBIGUOUS_TYPE = 3003 / 104;
    NO_MEMBER = 3004 / 1061;
    NO_STATIC_MEMBER = 3005 / 117;
    NEEDS_INSTANCE = 3006 / 120;
    NEEDS_TYPE = 3007 / 176;
    NOT_INVOCABLE = 3008 / 1955;
    NOT_A_DELEGATE = 3009 / 149;
    TYPE_AS_VALUE = 3010 / 119;
    TYPE_ARITY = 3011 / 305;
    NOT_GENERIC = 3012 / 308;
    NO_TYPE_IN_NAMESPACE = 3013 / 234;
    NOT_SUPPORTED = 3014 / 0;
    VALUE_AS_TYPE = 3016 / 118;
    DOUBLE_DOT = 3017 / 1001;
    // Conversions
    NO_CONVERSION = 3101 / 29;
    EXPLICIT_EXISTS = 3102 / 266;
    NO_CAST = 3103 / 30;
    CONSTANT_RANGE = 3104 / 31;
    CONSTANT_CAST_RANGE = 3105 / 221;
    REAL_SUFFIX = 3106 / 664;
    NULL_TO_VALUE = 3107 / 37;
    LAMBDA_TO_OTHER = 3108 / 1660;
    GROUP_TO_OTHER = 3109 / 428;
    AS_VALUE_TYPE = 3110 / 77;
    AS_NO_CONVERSION = 3111 / 39;
    LAMBDA_RETURN = 3113 / 1662;
    LAMBDA_PARAMETERS = 3114 / 1593;
    GROUP_SIGNATURE = 3115 / 123;
    THROW_VALUE = 3117 / 155;
    PATTERN_TYPE = 3118 / 8121;
    LAMBDA_PARAMETER_TYPE = 3121 / 1661;
    TUPLE_TARGET = 3122 / 8135;
    // Calls
    ARGUMENT_COUNT = 3201 / 1501;
    ARGUMENT_TYPE = 3202 / 1503;
    ARGUMENT_MISSING = 3203 / 7036;
    ARGUMENT_NAME = 3204 / 1739;
    AMBIGUOUS_CALL = 3205 / 121;
    CANNOT_INFER = 3206 / 411;
    RECEIVER_TYPE = 3215 / 1929;
    TYPE_ARGUMENT_COUNT = 3216 / 305;
    ARGUMENT_PASSING = 3208 / 1620;
    NOT_A_VARIABLE = 3209 / 1510;
    CONSTRUCTOR_COUNT = 3210 / 1729;
    ADD_ARGUMENT = 3211 / 1950;
    DELEGATE_COUNT = 3212 / 1593;
    EXTRA_PASSING = 3213 / 1615;
    ARGUMENT_TWICE = 3214 / 1744;
    // Operators and constants
    BAD_BINARY = 3301 / 19;
    BAD_UNARY = 3302 / 23;
    AMBIGUOUS_BINARY = 3303 / 34;
    CONSTANT_OVERFLOW = 3304 / 220;
    CONSTANT_DIVIDE = 3305 / 20;
    DECIMAL_OVERFLOW = 3313 / 463;
    NOT_CONSTANT = 3306 / 133;
    NOT_CONSTANT_PATTERN = 3307 / 150;
    CONDITIONAL_TYPES = 3308 / 173;
    BAD_INDEX = 3309 / 21;
    NO_BEST_ARRAY_TYPE = 3311 / 826;
    NO_BEST_SWITCH_TYPE = 3312 / 8506;
    // Assignment
    NOT_ASSIGNABLE = 3401 / 131;
    COPY_CHANGED = 3407 / 1612;
    READ_ONLY_PROPERTY = 3402 / 200;
    READ_ONLY_VARIABLE = 3403 / 1656;
    UNASSIGNED = 3405 / 165;
    UNASSIGNED_OUT = 3406 / 177;
    NOT_INCREMENTABLE = 3408 / 1059;
    REF_WITHOUT_VALUE = 3409 / 8174;
    REF_WITHOUT_REF = 3410 / 8172;
    REF_TYPE = 3411 / 8173;
    RETURN_BY_VALUE = 3412 / 8150;
    RETURN_BY_REF = 3413 / 8149;
    REF_TO_LOCAL = 3414 / 8168;
    REF_CAPTURED = 3415 / 8175;
    // Declarations
    DUPLICATE_LOCAL = 3501 / 128;
    HIDES_LOCAL = 3502 / 136;
    VAR_WITHOUT_VALUE = 3503 / 818;
    VAR_BAD_VALUE = 3504 / 815;
    CONST_WITHOUT_VALUE = 3505 / 145;
    VAR_SEVERAL = 3506 / 819;
    VAR_ARRAY_INITIALIZER = 3507 / 820;
    USED_BEFORE_DECLARED = 3508 / 841;
    DUPLICATE_PARAMETER = 3509 / 100;
    REQUIRED_AFTER_OPTIONAL = 3514 / 1737;
    PARAMS_NOT_LAST = 3515 / 231;
    DEFAULT_OF_REFERENCE = 3516 / 1741;
    ANONYMOUS_NULL = 3510 / 828;
    ANONYMOUS_DUPLICATE = 3511 / 833;
    VOID_VARIABLE = 3513 / 1547;
    // Statements
    MISSING_RETURN = 3601 / 161;
    RETURN_WITHOUT_VALUE = 3602 / 126;
    RETURN_WITH_VALUE = 3603 / 127;
    LAMBDA_RETURN_WITH_VALUE = 3624 / 8030;
    NO_INNER_SOURCE = 3625 / 1943;
    NO_LOOP = 3604 / 139;
    FALL_THROUGH = 3605 / 163;
    DUPLICATE_CASE = 3606 / 152;
    NO_LABEL = 3607 / 159;
    NOT_ENUMERABLE = 3608 / 1579;
    NO_QUERY_SOURCE = 3619 / 1936;
    NOT_DISPOSABLE = 3609 / 1674;
    CATCH_ORDER = 3610 / 160;
    CATCH_TYPE = 3611 / 155;
    RETHROW_OUTSIDE = 3612 / 156;
    DUPLICATE_DEFAULT = 3613 / 152;
    LEAVES_FINALLY = 3614 / 157;
    FALL_OUT = 3615 / 8070;
    DUPLICATE_LABEL = 3616 / 140;
    LAMBDA_MISSING_RETURN = 3617 / 1643;
    SUBSUMED_CASE = 3618 / 8120;
    FOREACH_NULL = 3621 / 186;
    RETURN_IN_ITERATOR = 3622 / 1622;
    NO_ITERATOR = 3623 / 1624;
    // Creation
    NOT_CREATABLE = 3701 / 144;
    NEGATIVE_SIZE = 3709 / 248;
    STATIC_CREATED = 3708 / 712;
    NO_ADD = 3702 / 1922;
    NO_DECONSTRUCT = 3703 / 8129;
    DECONSTRUCT_COUNT = 3704 / 8132;
    BAD_ARRAY_SIZE = 3705 / 847;
    ARRAY_SIZE_NOT_CONSTANT = 3710 / 150;
    COLLECTION_WITHOUT_TYPE = 3711 / 9176;
    ARRAY_INITIALIZER_CONTEXT = 3706 / 622;
    SWITCH_EXPRESSION_EMPTY = 3707 / 8506;
    // Limits and refusals
    TOO_COMPLEX = 3801 / 0;
    REFUSED = 3802 / 0;
    // Lints
    REFERENCE_EQUALITY_LEFT = 3901 / 252;
    REFERENCE_EQUALITY_RIGHT = 3902 / 253;
    CULTURE_PARSE = 3903 / 0;
    CULTURE_FORMAT = 3904 / 0;
    FORMAT_ARGUMENTS = 3905 / 0;
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_are_unique() {
        let mut seen = std::collections::HashSet::new();
        assert!(super::ALL.iter().all(|c| seen.insert(c.number)));
    }
}
