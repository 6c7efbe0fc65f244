//! What is not compared, all of it.
//!
//! Of a message:
//!
//! * ids of dialogs and requests that our end gives are put in the place of the recorded ones (both have 36 characters): that is
//!   done where they are learned, for the rest of the conversation. Names, uuids and process ids are those that were recorded: our
//!   end is given them;
//! * texts of errors, which tell of Python;
//! * an actor that stands twice in a row on the path of an error, as tractor's callees do when they refuse an item of a wrong
//!   type: ours stand there once.
//!
//! Of a conversation:
//!
//! * tractor's callers leave streams, and ask for cancels, of dialogs that are over; ours don't;
//! * tractor says `StreamOverrun` for each item that it loses; ours say it once for a dialog, after they have held up the connection
//!   for two seconds, and take nothing more;
//! * a context of tractor's may return without having started, and its caller waits for ever; ours says an error instead.
//!
//! Our senders pace themselves where tractor's flood. Where that was recorded they are told not to.

use scipp_protocol::Limits;
use scipp_protocol::wire::shuttle::messages::Message;

/// More items than any transcript has.
const UNPACED: usize = 128;

/// Lets our end flood where tractor's did, and keep what tractor's was told to keep.
pub(crate) fn pace(scenario: &str, limits: &mut Limits) {
    if scenario.starts_with("overrun") {
        limits.unread_items_max = UNPACED;
        limits.checkpoint_items = UNPACED;
    }
    if scenario == "overruns_allowed" {
        limits.inbox_items_max = UNPACED;
    }
}

/// Whether our end rightly says something else.
pub(crate) fn is_other(scenario: &str, recorded: &Message, said: &Message) -> bool {
    scenario == "ctx_return_without_started"
        && matches!(recorded, Message::Return(_))
        && matches!(said, Message::Error(error) if error.boxed_type_str == "RuntimeError")
}

/// What is compared of a message.
pub(crate) fn masked(mut message: Message) -> Message {
    if let Message::Error(error) = &mut message {
        error.message = None;
        error.tb_str = String::new();
        error.relay_path.dedup();
    }
    message
}
