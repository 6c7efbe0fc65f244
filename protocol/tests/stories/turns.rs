//! What passes what on its way out, and whose turn it is.

use scipp_codec::to_bytes;
use scipp_protocol::{Kind, Loss, Open, Streams, Terminal};

use crate::pair::{Pair, open, payload};

/// The first two words of each line, without its direction: `Yield A`.
fn said(pair: &Pair) -> Vec<String> {
    let lines = pair.lines().iter();
    lines
        .map(|line| {
            line.split(' ')
                .skip(1)
                .take(2)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

/// How often each line is repeated: `3 Yield A`.
fn runs(lines: &[String]) -> Vec<String> {
    let same = lines.chunk_by(|before, after| before == after);
    same.map(|run| format!("{} {}", run.len(), run[0]))
        .collect()
}

#[test]
fn what_is_no_item_passes_the_items_of_others() {
    let mut pair = Pair::new();
    let (_, streaming) = pair.context();
    let (_, calling) = pair.run(Kind::Asyncfunc, Streams::NONE);
    pair.skip();
    for _ in 0..3 {
        pair.callee
            .session
            .send(streaming, payload("item"))
            .unwrap();
    }
    let end = || Terminal::Return(payload("end"));
    pair.callee.session.finish(streaming, end()).unwrap();
    pair.callee.session.finish(calling, end()).unwrap();
    pair.tells(
        r#"< Return B "end"
        < Yield A "item"
        < Yield A "item"
        < Yield A "item"
        < Stop A
        < Return A "end""#,
    );
}

#[test]
fn an_answer_to_a_late_cancel_waits_for_the_terminal() {
    let mut pair = Pair::new();
    let (caller, callee) = pair.context();
    pair.caller.session.cancel(pair.now, caller);
    let asks = pair.send_only();
    pair.skip();
    // The callee is over before it hears of it, and its items are still here.
    pair.callee.session.send(callee, payload("item")).unwrap();
    let end = Terminal::Return(payload("end"));
    pair.callee.session.finish(callee, end).unwrap();
    pair.callee.inbound.extend_from_slice(&asks);
    pair.callee.receive(pair.now);
    pair.tells(
        r#"< StartAck B Asyncfunc
        < Yield A "item"
        < Stop A
        < Return A "end"
        < CancelAck B true"#,
    );
}

#[test]
fn last_words_wait_for_items_too() {
    let mut pair = Pair::new();
    let callee = pair.context().1;
    pair.skip();
    pair.callee.session.send(callee, payload("item")).unwrap();
    pair.callee.session.part(Loss::Closed);
    let words = pair.callee.session.take_last_words();
    pair.write_down('<', &words);
    assert_eq!(said(&pair), ["Yield A", "Error A"]);
}

#[test]
fn streams_take_turns_by_bytes() {
    let mut pair = Pair::new();
    let contexts = [pair.context().1, pair.context().1];
    pair.skip();
    let item = payload(&"x".repeat(1_500));
    for callee in contexts {
        for _ in 0..24 {
            pair.callee.session.send(callee, item.clone()).unwrap();
        }
    }
    pair.drive();
    let yields: Vec<String> = said(&pair)
        .into_iter()
        .filter(|line| line.starts_with("Yield"))
        .collect();
    // Ten of them are 16 KiB, and what was begun is finished.
    assert_eq!(
        runs(&yields),
        [
            "11 Yield A",
            "11 Yield B",
            "11 Yield A",
            "11 Yield B",
            "2 Yield A",
            "2 Yield B"
        ]
    );
}

#[test]
fn an_item_may_be_longer_than_a_turn() {
    let mut pair = Pair::new();
    let callee = pair.context().1;
    pair.skip();
    for length in [40_000, 1, 40_000] {
        let item = payload(&"x".repeat(length));
        pair.callee.session.send(callee, item).unwrap();
    }
    pair.drive();
    assert_eq!(runs(&said(&pair)), ["3 Yield A"]);
}

/// Opens dialogs until some 30 KiB of them wait.
fn open_many(pair: &mut Pair) {
    let args = scipp_codec::Map::from_iter([("n".to_owned(), "x".repeat(3_000))]);
    for _ in 0..10 {
        let open = Open {
            args: to_bytes(&args),
            ..open(Kind::Asyncfunc, Streams::NONE)
        };
        pair.caller.session.open(pair.now, open).unwrap();
    }
}

#[test]
fn calls_without_end_do_not_stop_items() {
    let mut pair = Pair::new();
    let (caller, _) = pair.context();
    pair.skip();
    pair.caller.session.send(caller, payload("item")).unwrap();
    open_many(&mut pair);
    pair.send_only();
    let said = said(&pair);
    let at = said.iter().position(|line| line == "Yield A");
    // Sixteen KiB of calls go first, and not all thirty.
    assert_eq!((at, said.len()), (Some(6), 11), "{said:?}");
}

#[test]
fn an_item_never_passes_its_own_start() {
    let mut pair = Pair::new();
    open_many(&mut pair);
    let id = pair
        .caller
        .session
        .open(pair.now, open(Kind::Context, Streams::BOTH));
    pair.caller
        .session
        .send(id.unwrap(), payload("item"))
        .unwrap();
    open_many(&mut pair);
    pair.send_only();
    let said = said(&pair);
    let of = |name: &str| said.iter().position(|line| line == name);
    let start = of("Start K").expect("the eleventh dialog");
    let item = of("Yield K").expect("its item");
    // It goes as soon as it may, though calls still wait.
    assert_eq!((start, item, said.len()), (10, 11, 22), "{said:?}");
}
