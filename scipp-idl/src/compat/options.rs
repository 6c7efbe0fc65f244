//! Options of endpoints, compared.

use super::change::{self, Phase};
use super::endpoint::{NEITHER, OLD_CALLERS};
use super::rule::{self, Rule};
use super::walk::{Found, Walk};
use crate::schema::{Endpoint, Options};

impl<'s> Walk<'s> {
    pub(super) fn options(&mut self, path: &str, old: &Endpoint, new: &Endpoint) {
        let (from, to): (&Options, &Options) = (&old.options, &new.options);
        let mut say =
            |rule: &'static Rule, message: String, caution: bool, breaks: [change::Breaks; 2]| {
                let found = Found::new(rule, path, message)
                    .of(path, Phase::Args)
                    .old(old.span, "")
                    .new_place(new.span, "");
                let found = if breaks == [change::Breaks::NOBODY; 2] {
                    found
                } else {
                    found.breaks(breaks[0], breaks[1])
                };
                self.emit(if caution { found.caution() } else { found });
            };
        let nobody = [change::Breaks::NOBODY; 2];
        let ms = |it: Option<u64>| it.map_or("none".to_owned(), |it| format!("{it} ms"));
        if from.deadline_ms != to.deadline_ms {
            let (was, is) = (
                from.deadline_ms.unwrap_or(u64::MAX),
                to.deadline_ms.unwrap_or(u64::MAX),
            );
            let message = format!(
                "the deadline of `{path}` is {} and was {}",
                ms(to.deadline_ms),
                ms(from.deadline_ms)
            );
            if is < was {
                say(&rule::DEADLINE_SHORTENED, message, true, nobody);
            } else {
                say(&rule::DEADLINE_LENGTHENED, message, false, nobody);
            }
        }
        if from.cancel != to.cancel {
            say(
                &rule::CANCEL_CHANGED,
                format!("a handler of `{path}` is stopped in another way"),
                true,
                nobody,
            );
        }
        if from.window != to.window {
            say(
                &rule::WINDOW_CHANGED,
                format!("another number of items of `{path}` may be in flight"),
                true,
                nobody,
            );
        }
        if from.overrun != to.overrun {
            say(
                &rule::OVERRUN_CHANGED,
                format!("items of `{path}` for which there is no room meet another end"),
                true,
                nobody,
            );
        }
        match (from.idempotent, to.idempotent) {
            (false, true) => say(
                &rule::IDEMPOTENT_ADDED,
                format!("`{path}` may be called again when it is in doubt"),
                true,
                nobody,
            ),
            (true, false) => say(
                &rule::IDEMPOTENT_REMOVED,
                format!("`{path}` may not be called again any more when it is in doubt"),
                false,
                [OLD_CALLERS, OLD_CALLERS],
            ),
            _ => {}
        }
        match (from.peers_scipp_only, to.peers_scipp_only) {
            (false, true) => say(
                &rule::STOCK_PEERS_DROPPED,
                format!("`{path}` need not be held by stock Python peers any more"),
                false,
                [change::Breaks::NOBODY, NEITHER],
            ),
            (true, false) => say(
                &rule::STOCK_PEERS_ADMITTED,
                format!("`{path}` can be held by stock Python peers"),
                false,
                nobody,
            ),
            _ => {}
        }
    }
}
