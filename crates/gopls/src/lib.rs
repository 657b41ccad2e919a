//! What gopls, Go, editors and agents write and mean.
//!
//! Pure functions over bytes that the `probe` room has read: no I/O, no panics on any input. The table of clients,
//! with what each does when its gopls ends, lives here and reaches the engine as data.
#![forbid(unsafe_code)]

mod image;

pub use image::Image;
