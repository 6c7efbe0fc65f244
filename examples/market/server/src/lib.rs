//! The feed actor of the market example.
