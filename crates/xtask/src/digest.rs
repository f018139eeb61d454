//! SHA-256 in the two spellings needed: names of files, and the policy's names of scripts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// As lower-case hexadecimal digits.
pub(crate) fn hex(content: impl AsRef<[u8]>) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As base64, the way policies and integrity attributes write it.
pub(crate) fn base64(content: impl AsRef<[u8]>) -> String {
    STANDARD.encode(Sha256::digest(content))
}

#[cfg(test)]
mod tests {
    /// The example of FIPS 180-2, appendix B.1.
    #[test]
    fn the_standards_example_has_the_standards_digest() {
        assert_eq!(super::hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(super::base64("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }
}
