//! Makes a crate's unit tests run as wasm too, unchanged: 128-bit SIMD and a 32-bit `usize` are other code.
//!
//! On wasm there is no test harness of Rust's own, but one of wasm-bindgen's, whose tests bear another attribute. A
//! crate that puts this into its lib.rs gives the usual `#[test]` that meaning there, in all its modules:
//!
//! ```ignore
//! #[cfg(all(test, target_arch = "wasm32"))]
//! #[macro_use]
//! extern crate test_as_wasm;
//! ```
//!
//! and this into its Cargo.toml, by which `cargo xtask test --only wasm` finds it:
//!
//! ```toml
//! [target.'cfg(target_arch = "wasm32")'.dev-dependencies]
//! test-as-wasm.workspace = true
//! wasm-bindgen-test.workspace = true
//! ```
//!
//! Tests that need threads, files or a clock say `#[cfg(not(target_arch = "wasm32"))]`.

#[cfg(target_arch = "wasm32")]
pub use wasm_bindgen_test::wasm_bindgen_test as test;
