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
    let mut parts: Vec<String> = name
        .entries()
        .map(|entry| {
            let object = entry.object();
            let known = KEYS.iter().find(|(nid, _)| *nid == object.nid()).map(|(_, key)| (*key).to_owned());
            let key = known.unwrap_or_else(|| format!("OID.{}", dotted(object)));
            let value = entry.data().to_string().unwrap_or_default();
            format!("{key}={}", quoted(&value))
        })
        .collect();
    parts.reverse();
    parts.join(", ")
}

/// Value of the most specific entry of a kind.
pub(super) fn part(name: &X509NameRef, nid: Nid) -> Option<String> {
    name.entries_by_nid(nid).last().and_then(|e| e.data().to_string().ok())
}

/// Algorithms whose numbers certificates show; OpenSSL's binding only writes their names.
const NUMBERS: &[(Nid, &str)] = &[
    (Nid::SHA1WITHRSAENCRYPTION, "1.2.840.113549.1.1.5"),
    (Nid::SHA256WITHRSAENCRYPTION, "1.2.840.113549.1.1.11"),
    (Nid::SHA384WITHRSAENCRYPTION, "1.2.840.113549.1.1.12"),
    (Nid::SHA512WITHRSAENCRYPTION, "1.2.840.113549.1.1.13"),
    (Nid::RSASSAPSS, "1.2.840.113549.1.1.10"),
    (Nid::ECDSA_WITH_SHA256, "1.2.840.10045.4.3.2"),
    (Nid::ECDSA_WITH_SHA384, "1.2.840.10045.4.3.3"),
    (Nid::ECDSA_WITH_SHA512, "1.2.840.10045.4.3.4"),
];

/// Dotted number of an object; one that OpenSSL has no name for is written as its number anyway.
pub(super) fn dotted(object: &openssl::asn1::Asn1ObjectRef) -> String {
    let known = NUMBERS.iter().find(|(nid, _)| *nid == object.nid());
    known.map_or_else(|| object.to_string(), |(_, number)| (*number).to_owned())
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
