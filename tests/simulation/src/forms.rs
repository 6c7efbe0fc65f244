//! The forms of the messages that go over a link, seen before anything happens to their bytes.

/// One direction of a link.
#[derive(Debug, Default)]
pub struct Forms {
    /// What has come of the length of the next frame.
    length: [u8; 4],
    came: usize,
    /// Bytes of the frame that are still to come; the first of them says which form it has.
    missing: usize,
    is_first: bool,
}

impl Forms {
    /// How many messages begin in these bytes: maps, and lists.
    pub fn see(&mut self, bytes: &[u8]) -> [u64; 2] {
        let mut seen = [0; 2];
        let mut rest = bytes;
        while let Some((byte, after)) = rest.split_first() {
            if self.missing == 0 {
                self.length[self.came] = *byte;
                self.came += 1;
                if self.came == self.length.len() {
                    self.missing = u32::from_le_bytes(self.length) as usize;
                    (self.came, self.is_first) = (0, true);
                }
                rest = after;
                continue;
            }
            if std::mem::take(&mut self.is_first) {
                seen[usize::from(byte & 0xf0 == 0x90)] += 1;
            }
            let here = self.missing.min(rest.len());
            self.missing -= here;
            rest = &rest[here..];
        }
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_seen_however_the_bytes_are_cut() {
        let bytes = b"\x02\0\0\0\x81\x93\x01\0\0\0\x90\x03\0\0\0\x93\0\0\x01\0\0\0\x80";
        for piece in 1..=bytes.len() {
            let mut forms = Forms::default();
            let seen = bytes.chunks(piece).map(|piece| forms.see(piece));
            let sum = seen.fold([0, 0], |sum, seen| [sum[0] + seen[0], sum[1] + seen[1]]);
            assert_eq!(sum, [2, 2]);
        }
    }
}
