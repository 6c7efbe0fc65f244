//! Changes that a user has accepted: a TOML file of entries, each with a reason and a day on which it expires.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use scipp_idl::compat::{Change, Rule};
use serde::Deserialize;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use toml::Spanned;
use toml::value::{Date, Datetime};

/// Largest file of entries, in bytes: 1 MiB. Thousands of entries fit.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The entry that accepts a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Accepted {
    pub(super) reason: String,
    pub(super) expires: String,
}

/// What a file of entries says.
#[derive(Default)]
pub(super) struct Entries {
    file: String,
    text: String,
    list: Vec<(Entry, bool)>,
    /// Filled as changes are asked about.
    rendered: Vec<String>,
    notes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    accept: Vec<Spanned<Entry>>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: Spanned<String>,
    item: Spanned<String>,
    reason: Option<Spanned<String>>,
    expires: Option<Spanned<Datetime>>,
}

/// A day of the calendar: year, month, day.
pub(super) type Day = (u16, u8, u8);

/// Reads a file of entries.
///
/// # Errors
/// In words, if it cannot be read or is not such a file.
pub(super) fn read(path: &Path) -> Result<Entries, String> {
    let file = path.display().to_string();
    let bytes = std::fs::metadata(path)
        .map_err(|error| format!("cannot read {file}: {error}"))?
        .len();
    if bytes > FILE_BYTES_MAX {
        return Err(format!("{file} is larger than {FILE_BYTES_MAX} bytes"));
    }
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("cannot read {file}: {error}"))?;
    Entries::parse(file, text)
}

/// Today, by UTC.
pub(super) fn today() -> Day {
    /// Seconds of a day.
    const DAY: u64 = 86_400;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let mut days = now.as_secs() / DAY;
    let mut year = 1970_u16;
    let leap = |year: u16| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year = year.saturating_add(1);
    }
    let lengths = [
        31,
        28 + u64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let mut month = 1;
    for length in lengths {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, u8::try_from(days + 1).unwrap_or(31))
}

impl Entries {
    fn parse(file: String, text: String) -> Result<Self, String> {
        let document: Document =
            toml::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
        let mut entries = Self {
            file,
            text,
            ..Self::default()
        };
        for entry in document.accept {
            let entry = entry.into_inner();
            if entries.is_complete(&entry) {
                entries.list.push((entry, false));
            }
        }
        Ok(entries)
    }

    /// Whether an entry says all that it must. What is missing is reported, and the entry does not count.
    fn is_complete(&mut self, entry: &Entry) -> bool {
        let (rule, item) = (entry.rule.get_ref(), entry.item.get_ref());
        if Rule::find(rule).is_none() {
            self.problem(
                Level::ERROR,
                &entry.rule,
                format!("there is no rule `{rule}`, so nothing is accepted"),
                "`scipp explain` lists the rules",
            );
            return false;
        }
        if entry
            .reason
            .as_ref()
            .is_none_or(|reason| reason.get_ref().trim().is_empty())
        {
            self.problem(
                Level::ERROR,
                &entry.item,
                format!("`{rule}` of `{item}` is accepted without a reason, which does not count"),
                "say why: `reason = \"...\"`",
            );
            return false;
        }
        if entry
            .expires
            .as_ref()
            .is_none_or(|day| day.get_ref().date.is_none())
        {
            self.problem(
                Level::ERROR,
                &entry.item,
                format!("`{rule}` of `{item}` is accepted without an end, which does not count"),
                "say until when: `expires = 2027-01-31`",
            );
            return false;
        }
        true
    }

    /// The entry that accepts a change today.
    pub(super) fn accepts(&mut self, change: &Change, today: Day) -> Option<Accepted> {
        let mut accepted = None;
        for (entry, used) in &mut self.list {
            if entry.rule.get_ref() != change.rule.id || *entry.item.get_ref() != change.item {
                continue;
            }
            *used = true;
            if let (Some(reason), Some(Date { year, month, day })) = (
                &entry.reason,
                entry.expires.as_ref().and_then(|it| it.get_ref().date),
            ) && (year, month, day) >= today
            {
                accepted = Some(Accepted {
                    reason: reason.get_ref().clone(),
                    expires: format!("{year:04}-{month:02}-{day:02}"),
                });
            }
        }
        accepted
    }

    /// Says which entries have expired or accept nothing. Asked once, after all changes.
    pub(super) fn close(&mut self, today: Day) {
        for (entry, used) in std::mem::take(&mut self.list) {
            let (rule, item) = (entry.rule.get_ref(), entry.item.get_ref());
            let expired = entry
                .expires
                .as_ref()
                .and_then(|it| it.get_ref().date)
                .is_none_or(|date| (date.year, date.month, date.day) < today);
            if !used {
                self.problem(
                    Level::WARNING,
                    &entry.item,
                    format!("`{rule}` of `{item}` is accepted, but there is no such change"),
                    "remove the entry",
                );
            } else if expired && let Some(expires) = &entry.expires {
                self.problem(
                    Level::WARNING,
                    expires,
                    format!("that `{rule}` of `{item}` is accepted has expired"),
                    "mend the change, or accept it for longer",
                );
            }
        }
    }

    fn problem<T>(
        &mut self,
        level: Level<'static>,
        place: &Spanned<T>,
        message: String,
        help: &'static str,
    ) {
        let text = self.text.replace('\r', " ");
        let span = place.span();
        let span = span.start.min(text.len())..span.end.min(text.len());
        let snippet = Snippet::source(text)
            .path(self.file.clone())
            .annotation(AnnotationKind::Primary.span(span));
        let group = Group::with_title(level.primary_title(message.clone()).id("accept"))
            .element(snippet)
            .element(Level::HELP.message(help));
        self.rendered.push(Renderer::styled().render(&[group]));
        self.notes.push(message);
    }

    /// What is wrong with entries, as text with colours.
    pub(super) fn problems(&self) -> &[String] {
        &self.rendered
    }

    /// The same as sentences.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }
}
