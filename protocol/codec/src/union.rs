//! How derived unions and enums are read: the member is found by looking at the value, then read in place.

use crate::head::Kind;
use crate::show::Brief;
use crate::{DecodeError, Decoder, Head, Payload, Tag};

/// A member of a union, as its reader sees it.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    name: &'static str,
    tag: Option<Tag>,
    accepts: fn(&Head<'_>) -> bool,
}

impl Member {
    /// The member of type `T`.
    pub const fn of<T: Payload>(name: &'static str) -> Self {
        Self {
            name,
            tag: T::TAG,
            accepts: T::accepts,
        }
    }
}

/// Index of the member that the next value belongs to.
///
/// Messages first, by their tag; then whatever other shape fits.
///
/// # Errors
/// If it belongs to none; the error lists the members.
pub fn member(
    input: &Decoder<'_>,
    union: &'static str,
    members: &[Member],
) -> Result<usize, DecodeError> {
    let head = input.head();
    by_tag(&head, members)
        .or_else(|| by_shape(&head, members))
        .ok_or_else(|| none(&head, input, union, members))
}

/// Index of the member of an open union that the next value belongs to; `None` for a message that isn't known.
///
/// # Errors
/// If the value has neither the shape of a member nor a tag in the place where the members have theirs.
pub fn open_member(
    input: &Decoder<'_>,
    union: &'static str,
    members: &[Member],
) -> Result<Option<usize>, DecodeError> {
    let head = input.head();
    match by_tag(&head, members) {
        Some(index) => Ok(Some(index)),
        None if is_unknown(&head, members) => Ok(None),
        None => by_shape(&head, members)
            .map(Some)
            .ok_or_else(|| none(&head, input, union, members)),
    }
}

/// Whether a value belongs to a union: to one of its members or, if it is open, to those that may come.
pub fn accepted(head: &Head<'_>, open: bool, members: &[Member]) -> bool {
    by_tag(head, members)
        .or_else(|| by_shape(head, members))
        .is_some()
        || open && is_unknown(head, members)
}

/// Index of the enum member that the next value, a str, names.
///
/// # Errors
/// If it is no str or names none; the error lists the members.
pub fn text_member(
    input: &mut Decoder<'_>,
    name: &'static str,
    members: &[&str],
) -> Result<usize, DecodeError> {
    let at = input.clone();
    if let Ok(text) = input.str()
        && let Some(index) = members.iter().position(|member| *member == text)
    {
        return Ok(index);
    }
    let expected = format!("one of {}", members.join(", "));
    Err(DecodeError::new(expected, Brief(at.rest).to_string()).of_type(name))
}

/// Index of the member of an open enum that the next value, a str, names, or the str itself.
///
/// # Errors
/// If it is no str.
pub fn open_text_member(
    input: &mut Decoder<'_>,
    name: &'static str,
    members: &[&str],
) -> Result<Result<usize, String>, DecodeError> {
    let text = input.str().map_err(|error| error.of_type(name))?;
    Ok(members
        .iter()
        .position(|member| *member == text)
        .ok_or_else(|| text.to_owned()))
}

/// An error for an integer that is no member of a closed enum.
#[cold]
pub fn unknown_int(value: impl Into<i128>, name: &'static str, members: &[i128]) -> DecodeError {
    let members: Vec<_> = members.iter().map(i128::to_string).collect();
    DecodeError::new(
        format!("one of {}", members.join(", ")),
        format!("int {}", value.into()),
    )
    .of_type(name)
}

#[inline]
fn by_tag(head: &Head<'_>, members: &[Member]) -> Option<usize> {
    // Members of a union share their tag key, so the value is looked at once for all of them.
    let mut seen: Option<(&str, bool, Option<&str>)> = None;
    members.iter().position(|member| {
        let Some(tag) = &member.tag else { return false };
        let found = match seen {
            Some((key, array, found)) if key == tag.key && array == tag.array => found,
            _ => head.tag(tag.key, tag.array),
        };
        seen = Some((tag.key, tag.array, found));
        found == Some(tag.value)
    })
}

/// The member without a tag that a value of this shape belongs to. A float member takes ints, too, but only those that
/// no other member takes.
fn by_shape(head: &Head<'_>, members: &[Member]) -> Option<usize> {
    let fits = |member: &Member| member.tag.is_none() && (member.accepts)(head);
    let float = Head::of(&[FLOAT]);
    let takes_int = |member: &Member| fits(member) && !(member.accepts)(&float);
    let int = (head.is(Kind::Int)).then(|| members.iter().position(takes_int));
    int.flatten().or_else(|| members.iter().position(fits))
}

/// How a float starts.
const FLOAT: u8 = 0xcb;

fn is_unknown(head: &Head<'_>, members: &[Member]) -> bool {
    members
        .iter()
        .filter_map(|member| member.tag.as_ref())
        .any(|tag| head.tag(tag.key, tag.array).is_some())
}

#[cold]
fn none(
    head: &Head<'_>,
    input: &Decoder<'_>,
    union: &'static str,
    members: &[Member],
) -> DecodeError {
    let names: Vec<_> = members.iter().map(|member| member.name).collect();
    let mut came = Brief(input.rest).to_string();
    let tag = members
        .iter()
        .filter_map(|member| member.tag.as_ref())
        .find_map(|tag| Some((tag, head.tag(tag.key, tag.array)?)));
    match tag {
        Some((_, value)) => came.push_str(&format!(" with the tag {}", crate::show::Quoted(value))),
        None if head.is(Kind::Map) => came.push_str(" without a tag"),
        None => {}
    }
    DecodeError::new(names.join(" or "), came).of_type(union)
}
