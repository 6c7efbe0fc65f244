//! Fingerprints: what an endpoint means on the wire, in 16 hexadecimal digits.
//!
//! The fingerprint of an endpoint or an interface is the start of a SHA-256 over its *canonical form*, a text of what
//! can be seen in its bytes. It does not depend on comments, formatting, the order of declarations, the package, nor on
//! the names of types that are not on the wire. Two peers whose fingerprints are equal read each other's bytes alike;
//! unequal ones may. `docs/idl.md`, section 10, defines the form normatively; `forms` and `values` write it.

mod forms;
mod text;
mod values;

use crate::schema::{ItemKind, ItemName, Schema};
use forms::Forms;
use std::collections::{BTreeMap, BTreeSet};

/// The canonical forms of a schema: of all its interfaces and their own endpoints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Canonical {
    /// Each interface, followed by its own endpoints, in the order of the schema.
    pub forms: Vec<Form>,
    hashed: BTreeMap<String, String>,
}

/// The canonical form of an interface or of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The interface, or the one that declares the endpoint.
    pub interface: ItemName,
    /// The name of the endpoint in the source; `None` for the interface itself.
    pub endpoint: Option<String>,
    /// The text that is hashed.
    pub text: String,
    /// The first 8 bytes of its SHA-256: 16 hexadecimal digits.
    pub fingerprint: String,
}

impl Canonical {
    /// The forms of everything in `schema`, which has passed the check.
    pub fn of(schema: &Schema) -> Self {
        let mut forms = Forms::new(schema);
        forms.items();
        let written = forms.written();
        Self {
            forms: written,
            hashed: forms.into_hashed(),
        }
    }

    /// The texts that stand as `#` and their hash inside of `text`, and inside of those, each once: the hash without
    /// its `#`, and the text. In the order in which a reader needs them. Nothing that is in `seen` comes again.
    pub fn parts<'a>(
        &'a self,
        text: &'a str,
        seen: &mut BTreeSet<&'a str>,
    ) -> Vec<(&'a str, &'a str)> {
        let mut found = Vec::new();
        let mut next: Vec<&str> = text::hashes(text);
        next.reverse();
        while let Some(hash) = next.pop() {
            let Some((hash, text)) = self.hashed.get_key_value(hash) else {
                continue;
            };
            if seen.insert(hash) {
                found.push((hash.as_str(), text.as_str()));
                next.extend(text::hashes(text).into_iter().rev());
            }
        }
        found
    }
}

/// Computes the fingerprints of all endpoints and interfaces.
pub(crate) fn fill(schema: &mut Schema) {
    let mut forms = Canonical::of(schema).forms.into_iter();
    let mut next = || {
        forms
            .next()
            .map(|form| form.fingerprint)
            .unwrap_or_default()
    };
    let items = schema
        .packages
        .values_mut()
        .flat_map(|package| &mut package.items);
    for item in items {
        if let ItemKind::Interface(interface) = &mut item.kind {
            interface.fingerprint = next();
            for endpoint in &mut interface.endpoints {
                endpoint.fingerprint = next();
            }
        }
    }
}
