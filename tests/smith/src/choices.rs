//! Where choices come from: a seed, or the bytes of a fuzzer.

/// An endless row of choices, the same for the same start.
#[derive(Debug, Clone)]
pub struct Choices<'b> {
    source: Source<'b>,
}

#[derive(Debug, Clone)]
enum Source<'b> {
    Seed(u64),
    Bytes(std::slice::Iter<'b, u8>),
}

impl Choices<'static> {
    /// From a seed.
    pub fn seed(seed: u64) -> Self {
        let source = Source::Seed(seed);
        Self { source }
    }
}

impl<'b> Choices<'b> {
    /// From bytes, first to last. Behind the last, every choice is the first of its alternatives.
    pub fn bytes(bytes: &'b [u8]) -> Self {
        let source = Source::Bytes(bytes.iter());
        Self { source }
    }

    /// A number below `count`; 0 if that is 0.
    pub fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let taken = match &mut self.source {
            _ if count < 2 => 0,
            Source::Seed(state) => mix(state) % count,
            Source::Bytes(bytes) => {
                let wide = if count > 256 { bytes.next() } else { None };
                let [high, low] =
                    [wide, bytes.next()].map(|it| u64::from(it.copied().unwrap_or(0)));
                (high << 8 | low) % count
            }
        };
        usize::try_from(taken).unwrap_or(0)
    }

    /// From `least` to `most`, both included.
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below((most + 1).saturating_sub(least))
    }

    /// Yes in one of `count` cases.
    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) + 1 == count.max(1)
    }

    /// One of several, `None` only of none.
    pub fn of<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        list.get(self.below(list.len()))
    }

    /// Puts a list into another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

/// SplitMix64: the next number of a row.
fn mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
