//! The identity of bytes: their length and SHA-256.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// SHA-256 in lowercase hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The identity of the bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Digest {
    /// Their number.
    pub bytes: u64,
    /// Their SHA-256, as 64 hexadecimal digits.
    pub sha256: String,
}

impl Digest {
    /// The digest of everything that is read, which is copied to `to` on the way.
    pub(crate) fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<Self> {
        let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0_u64, vec![0; 64 * 1024]);
        loop {
            match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => {
                    let (read, _) = buffer.split_at(n);
                    hash.update(read);
                    to.write_all(read)?;
                    bytes += n as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { bytes, sha256: hex(&hash.finalize()) })
    }

    /// The digest of a file.
    pub(crate) fn of_file(path: &Path) -> io::Result<Self> {
        Self::copy(&mut File::open(path)?, &mut io::sink())
    }

    /// The digest of bytes in memory.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len() as u64, sha256: sha256(bytes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_one_that_everybody_knows() {
        let digest = Digest::of_bytes(b"abc");
        assert_eq!(digest.bytes, 3);
        assert_eq!(
            digest.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "FIPS 180-2, B.1"
        );
        assert_eq!(Digest::copy(&mut &b"abc"[..], &mut Vec::new()).ok(), Some(digest));
    }
}
