//! The fuzz targets as functions, so that libFuzzer, the blind run and the tests of the workspace call the same code.
//! It drives nothing itself.

pub mod targets;
