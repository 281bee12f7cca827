#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| colonnade_fuzz::read(data, "jsoncolumns"));
