//! Distinguished names as .NET writes them: last part first, `CN=x, O=y`, quoted where needed.
use openssl::nid::Nid;
use openssl::x509::X509NameRef;

const KEYS: &[(Nid, &str)] = &[
    (Nid::COMMONNAME, "CN"),
    (Nid::ORGANIZATIONALUNITNAME, "OU"),
    (Nid::ORGANIZATIONNAME, "O"),
    (Nid::LOCALITYNAME, "L"),
    (Nid::STATEORPROVINCENAME, "S"),
    (Nid::COUNTRYNAME, "C"),
    (Nid::PKCS9_EMAILADDRESS, "E"),
    (Nid::STREETADDRESS, "STREET"),
    (Nid::TITLE, "T"),
    (Nid::GIVENNAME, "G"),
    (Nid::SURNAME, "SN"),
    (Nid::INITIALS, "I"),
    (Nid::DOMAINCOMPONENT, "DC"),
    (Nid::SERIALNUMBER, "SERIALNUMBER"),
];

/// `X500DistinguishedName.Name`
pub(super) fn text(name: &X509NameRef) -> String {
    let mut parts = parts(name);
    parts.reverse();
    parts.join(", ")
}

/// `key=value` of each part, the widest first.
pub(super) fn parts(name: &X509NameRef) -> Vec<String> {
    name.entries()
        .map(|entry| {
            let object = entry.object();
            let known = KEYS.iter().find(|(nid, _)| *nid == object.nid()).map(|(_, key)| (*key).to_owned());
            let key = known.unwrap_or_else(|| format!("OID.{}", dotted(object)));
            let value = entry.data().to_string().unwrap_or_default();
            format!("{key}={}", quoted(&value))
        })
        .collect()
}

/// Value of the most specific entry of a kind.
pub(super) fn part(name: &X509NameRef, nid: Nid) -> Option<String> {
    name.entries_by_nid(nid).last().and_then(|e| e.data().to_string().ok())
}

/// Dotted number of an object.
pub(super) fn dotted(object: &openssl::asn1::Asn1ObjectRef) -> String {
    super::der::oid(object.to_owned().as_slice()).unwrap_or_default()
}

fn quoted(value: &str) -> String {
    let special = value.contains([',', '+', '"', '=', '\n', '<', '>', '#', ';'])
        || value.starts_with(char::is_whitespace)
        || value.ends_with(char::is_whitespace)
        || value.is_empty();
    if special { format!("\"{}\"", value.replace('"', "\"\"")) } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::x509::X509NameBuilder;

    #[test]
    fn last_part_comes_first_and_commas_are_quoted() {
        let mut b = X509NameBuilder::new().unwrap();
        b.append_entry_by_text("C", "DE").unwrap();
        b.append_entry_by_text("O", "A, \"B\"").unwrap();
        b.append_entry_by_text("CN", "client").unwrap();
        assert_eq!(text(&b.build()), "CN=client, O=\"A, \"\"B\"\"\", C=DE");
    }
}
