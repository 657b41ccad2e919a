//! The entry point of libFuzzer for [`goplswatch_fuzz::engine`].

#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| goplswatch_fuzz::engine::run(bytes));
