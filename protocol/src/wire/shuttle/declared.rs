//! The value of a declared error in the text of its message.
//!
//! An `Error` of a plain peer has no place for a value; its `message` is any text that the exception offers. So there the value is the
//! last line: `scipp-value: `, and its MessagePack in hexadecimal digits (`docs/protocol.md`, section 8).

use bytes::Bytes;
use scipp_codec::Any;

/// What the line begins with.
const VALUE_LINE: &str = "scipp-value: ";

/// The text with its value.
pub(super) fn with_value(text: &str, value: &Any) -> String {
    let bytes = value.as_bytes();
    let mut out = String::with_capacity(text.len() + VALUE_LINE.len() + 2 * bytes.len() + 1);
    out.push_str(text);
    out.push('\n');
    out.push_str(VALUE_LINE);
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    for byte in bytes {
        out.extend([digit(byte >> 4), digit(byte & 15)]);
    }
    out
}

/// The text without its value, and the value. `None` if there is none, or what is there is no value of MessagePack.
pub(super) fn split(message: &str) -> Option<(&str, Any)> {
    let message = message.trim_end_matches('\n');
    let (text, line) = message.rsplit_once('\n').unwrap_or(("", message));
    let digits = line.strip_prefix(VALUE_LINE)?.as_bytes();
    let half = |digit: u8| char::from(digit).to_digit(16);
    let byte = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(half(*high)? << 4 | half(*low)?).ok(),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    let value = Any::new(Bytes::from(bytes?)).ok()?;
    Some((text, value))
}

#[cfg(test)]
mod tests {
    use super::super::messages;
    use super::super::read::remote_error;
    use super::*;

    #[test]
    fn a_value_comes_back_with_its_text() {
        let value = Any::encode(&"ACME".to_owned());
        let message = with_value("no such symbol:\nACME", &value);
        assert_eq!(message, "no such symbol:\nACME\nscipp-value: a441434d45");
        assert_eq!(
            split(&message),
            Some(("no such symbol:\nACME", value.clone()))
        );
        assert_eq!(
            split(&format!("{message}\n")),
            Some(("no such symbol:\nACME", value.clone()))
        );
        assert_eq!(split("scipp-value: A441434D45"), Some(("", value)));
    }

    /// What tractor sends for a generated exception, which has no `pld`.
    #[test]
    fn a_plain_peers_error_has_its_value() {
        let uid = ("py".to_owned(), "1".to_owned());
        let sent = |boxed: &str, message: &str| {
            let error = messages::Error::new(uid.clone(), "Unknown".into(), boxed.into(), vec![]);
            remote_error(messages::Error {
                message: Some(message.to_owned()),
                ..error
            })
        };
        let error = sent("Unknown", "no such symbol\nscipp-value: a441434d45");
        assert_eq!(error.text(), "no such symbol");
        assert_eq!(error.payload, Some(Any::encode(&"ACME".to_owned())));
        // Who passes it on has not declared it.
        let relayed = sent(
            "RemoteActorError",
            "no such symbol\nscipp-value: a441434d45",
        );
        assert_eq!(relayed.payload, None);
        // Without a value it is a failure like any other.
        let bare = sent("Unknown", "no such symbol");
        assert_eq!(
            (bare.text(), bare.payload.is_none()),
            ("no such symbol", true)
        );
    }

    #[test]
    fn what_is_no_value_is_text() {
        for message in [
            "",
            "scipp-value:",
            "x\nscipp-value: ",
            "x\nscipp-value: a",
            "x\nscipp-value: a4",
            "x\nscipp-value: a441434d4500",
            "x\nscipp-value: zz",
            "x\nscipp-value: a441434d45\ny",
            "x\n scipp-value: c0",
            "x\nscipp-value: \u{e9}\u{e9}",
        ] {
            assert_eq!(split(message), None, "{message:?}");
        }
    }
}
