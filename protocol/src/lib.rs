//! The scipp dialog protocol as a state machine without IO and without a clock.
