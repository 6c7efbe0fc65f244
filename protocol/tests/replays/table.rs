//! What was compared, as a line of the table.

use scipp_protocol::wire::shuttle::messages::Message;

/// Names in order, with how often each came in a row: `Aid Start Yield*66`.
pub(crate) fn counted(names: &[String]) -> String {
    let rows = names.chunk_by(|one, next| one == next);
    let words: Vec<String> = rows
        .map(|row| match row {
            [one] => one.clone(),
            row => format!("{}*{}", row[0], row.len()),
        })
        .collect();
    words.join(" ")
}

/// What became of the recorded messages of our end.
#[derive(Default)]
pub(crate) struct Compared {
    pub(crate) compared: Vec<String>,
    pub(crate) left_out: Vec<String>,
}

/// A message in the table.
pub(crate) fn word(message: &Message) -> String {
    match message {
        Message::Start(start) if start.ns == "self" => start.func.clone(),
        Message::Error(error) => error.boxed_type_str.clone(),
        message => {
            let text = format!("{message:?}");
            text.split('(').next().unwrap_or_default().to_owned()
        }
    }
}
