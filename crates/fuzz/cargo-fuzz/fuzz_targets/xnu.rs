//! The entry point of libFuzzer for [`goplswatch_fuzz::xnu`].

#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| goplswatch_fuzz::xnu::run(bytes));
