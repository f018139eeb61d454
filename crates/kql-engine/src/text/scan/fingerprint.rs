//! The few bytes by which a literal is looked for: those that are rarest in logs.

/// Up to three bytes in a row. A shorter literal's fingerprint has fewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fingerprint(pub(super) [Option<u8>; 3]);

/// The characters of command lines, paths and addresses, the most frequent first, counted in this project's samples.
const FREQUENT: &[u8] = br#"esotric\ma dp.nl-xgwfhu/:"byk23v6810()4=795_,jzq'{}$@;*~[]%|+"#;

/// How rare a byte is: the larger the rarer.
fn rarity(byte: u8) -> usize {
    let byte = byte.to_ascii_lowercase();
    FREQUENT.iter().position(|b| *b == byte).unwrap_or(FREQUENT.len())
}

/// The rarest fingerprint of a literal, and where in it it stands; `None` for an empty one.
pub(super) fn rarest(literal: &[u8]) -> Option<(usize, Fingerprint)> {
    let len = literal.len().min(3);
    if len == 0 {
        return None;
    }
    let windows = literal.windows(len).enumerate();
    let (offset, window) = windows.max_by_key(|(_, window)| window.iter().map(|b| rarity(*b)).sum::<usize>())?;
    Some((offset, Fingerprint([0, 1, 2].map(|i| window.get(i).copied()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_known_by_its_rarest_bytes() {
        for (literal, offset, bytes) in [
            ("github.com", 3, "hub"),
            ("codeberg.org", 2, "deb"),
            ("push", 1, "ush"),
            ("-X PUT", 2, " PU"),
            ("ab", 0, "ab"),
            ("x", 0, "x"),
        ] {
            let (at, Fingerprint(found)) = rarest(literal.as_bytes()).unwrap();
            let text: String = found.iter().flatten().map(|b| char::from(*b)).collect();
            assert_eq!((at, text.as_str()), (offset, bytes), "{literal}");
        }
        assert!(rarest(b"").is_none());
    }
}
