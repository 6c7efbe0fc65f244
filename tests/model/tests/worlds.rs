//! Every configuration: what must hold does, and what must happen does.

use scipp_model::claim::Fact;
use scipp_model::configuration::{self, Size};
use scipp_model::model::Worlds;

macro_rules! worlds {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                explore(configuration::$name(size()));
            }
        )*

        const ALL: &[fn(Size) -> Worlds] = &[$(configuration::$name),*];
    };
}

worlds! { one_dialog losses windows two_dialogs beginnings endings time features other_kinds }

fn explore(worlds: Worlds) {
    let report = worlds.explore();
    println!("{report}");
    assert!(report.failures.is_empty(), "{}", report.failures.join("\n"));
}

fn size() -> Size {
    match std::env::var("SCIPP_MODEL").as_deref() {
        Err(_) | Ok("small") => Size::Small,
        Ok("full") => Size::Full,
        Ok("long") => Size::Long,
        Ok(other) => panic!("SCIPP_MODEL: expected small, full or long, came {other}"),
    }
}

#[test]
fn every_fact_must_be_seen_somewhere() {
    let all: Vec<Worlds> = ALL.iter().map(|worlds| worlds(Size::Small)).collect();
    for fact in Fact::ALL {
        let expected = all.iter().any(|worlds| worlds.expected().contains(fact));
        assert!(expected, "no configuration expects: {}", fact.text());
    }
}
