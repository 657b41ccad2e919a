//! Fuzz targets for the crates that read what others wrote.
//!
//! Each module tests one kind of input: `run` takes any bytes and panics if they reveal a fault.
//! libFuzzer generates them in `cargo-fuzz`, a workspace of its own, since libFuzzer is C++, which
//! no build of the product may need (`cargo xtask nightly`). The tests below run the inputs in
//! `seeds`, which were worth keeping, and a few thousand more that are generated in the same way
//! each time.

#![expect(clippy::expect_used, reason = "a fault is shown by a panic")]

pub mod classify;
pub mod engine;
pub mod procargs;
pub mod recording;
pub mod xnu;

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// The seeds of a target: at least one, which shows that the folder was found.
    fn seeds(target: &str) -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
        let files = std::fs::read_dir(&folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
        let seeds: Vec<Vec<u8>> = files.collect();
        assert!(!seeds.is_empty(), "{} is empty", folder.display());
        seeds
    }

    /// Pseudo-random numbers that are the same in each run: xorshift64* (Vigna, ACM TOMS 42, 2016).
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self) -> u64 {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
        }

        fn below(&mut self, limit: usize) -> usize {
            usize::try_from(self.roll() % limit.max(1) as u64).unwrap()
        }
    }

    /// Runs the seeds, many mutations of them, and random bytes.
    fn feed(target: &str, run: fn(&[u8]), rounds: usize) {
        let seeds = seeds(target);
        seeds.iter().for_each(|seed| run(seed));
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        for _ in 0..rounds {
            let mut bytes = seeds[dice.below(seeds.len())].clone();
            match dice.below(4) {
                0 => bytes = (0..dice.below(600)).map(|_| dice.roll().to_le_bytes()[3]).collect(),
                1 => bytes.truncate(dice.below(bytes.len() + 1)),
                _ => {}
            }
            for _ in 0..dice.below(8) {
                if !bytes.is_empty() {
                    let at = dice.below(bytes.len());
                    bytes[at] = dice.roll().to_le_bytes()[5];
                }
            }
            run(&bytes);
        }
    }

    #[test]
    fn names_and_arguments_of_other_processes() {
        feed("classify", crate::classify::run, 4_000);
    }

    #[test]
    fn facts_in_any_order() {
        feed("engine", crate::engine::run, 400);
    }

    #[test]
    fn memory_in_which_processes_keep_their_arguments() {
        feed("procargs", crate::procargs::run, 10_000);
    }

    #[test]
    fn recordings() {
        feed("recording", crate::recording::run, 200);
    }

    #[test]
    fn answers_of_a_kernel() {
        feed("xnu", crate::xnu::run, 20_000);
    }
}
