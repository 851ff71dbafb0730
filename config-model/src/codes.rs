//! The numbers of findings that need no policy engine. `GW10..` come from reading sources, `GW11..` from the cross-check. A number is never
//! used again for something else.

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $code;)*

        /// All codes with what they stand for, for the list in the documentation.
        pub const ALL: &[(&str, &str)] = &[$(($code, stringify!($name)),)*];
    };
}

codes! {
    /// A file or folder cannot be read.
    UNREADABLE = "GW1001";
    /// A JSON, YAML or TOML file is not well-formed.
    SYNTAX = "GW1002";
    /// A property has the wrong type or a value that is not known.
    BAD_PROPERTY = "GW1003";
    /// The folder holds no resource of API Management.
    NOT_A_CONFIGURATION = "GW1004";
    /// Old list files lie beside new link folders.
    STALE_LIST = "GW1005";
    /// Two names differ only in letter case, or one name is used twice.
    NAME_COLLISION = "GW1006";
    /// A file, or the folder, is larger than is read.
    TOO_LARGE = "GW1007";
    /// Something that this version does not serve.
    NOT_SUPPORTED = "GW1008";
    /// A resource folder without its information file.
    NO_INFORMATION = "GW1009";
    /// An override names something that does not exist, or cannot be applied.
    BAD_OVERRIDE = "GW1010";
    /// The secrets file cannot be used.
    BAD_SECRETS = "GW1011";
    /// A redaction marker or an unreplaced pipeline token stands in a live place.
    PLACEHOLDER = "GW1012";
    /// The gateway that was asked for does not exist.
    NO_SUCH_GATEWAY = "GW1013";
    /// A certificate cannot be opened.
    BAD_CERTIFICATE = "GW1014";
    /// A named value that a backend, logger or cache quotes does not exist or has no value.
    NO_NAMED_VALUE = "GW1015";
    /// A secret that something needs is missing.
    NO_SECRET = "GW1016";
    /// The specification cannot be read; the API is not served.
    BAD_SPECIFICATION = "GW1020";
    /// Two specification files.
    TWO_SPECIFICATIONS = "GW1021";
    /// The specification is missing, or no operations can be taken from one of its kind.
    NO_OPERATIONS = "GW1022";
    /// A part of the specification is not understood.
    SPECIFICATION_PART = "GW1023";
    /// An operation policy without its operation.
    NO_SUCH_OPERATION = "GW1024";
    /// A product, gateway or subscription names an API or product that is not there.
    DANGLING_REFERENCE = "GW1101";
    /// An API names a version set that is not there, or a version set is incomplete.
    BAD_VERSION_SET = "GW1102";
    /// Two APIs answer to one path and version.
    PATH_CLASH = "GW1103";
    /// Two operations of one API answer to one method and template.
    OPERATION_CLASH = "GW1104";
    /// A pool that cannot work.
    BAD_POOL = "GW1105";
    /// Two subscriptions share a key.
    SHARED_KEY = "GW1106";
    /// A backend or service URL that cannot be called.
    BAD_BACKEND = "GW1107";
    /// An API stands in several open products.
    SEVERAL_OPEN_PRODUCTS = "GW1108";
    /// A policy for something that is not there.
    ORPHAN_POLICY = "GW1109";
    /// A subscription without keys.
    NO_KEYS = "GW1110";
    /// A template of an operation that cannot be used.
    BAD_TEMPLATE = "GW1111";
}
