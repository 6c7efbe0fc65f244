//! Uses types of its own schema and of another crate's.

mod schema {
    scipp_runtime::include_schemas!();
}

use outside_types::outside::names::{Name, Unknown};
use schema::outside::greet::{Greeting, greeter::GreetError};

fn main() {
    let name = Name::new("Ada".to_owned());
    let greeting = Greeting::new(name);
    println!("{}, {}!", greeting.words, greeting.to.given);
    let error = GreetError::from(Unknown { name: "Nemo".to_owned() });
    println!("{error}");
}
