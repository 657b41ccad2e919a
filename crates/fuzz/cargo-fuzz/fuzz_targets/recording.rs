//! The entry point of libFuzzer for [`goplswatch_fuzz::recording`].

#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| goplswatch_fuzz::recording::run(bytes));
