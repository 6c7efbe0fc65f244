//! Types that several crates share.

scipp_runtime::include_schemas!();
