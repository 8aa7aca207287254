//! Compiling: the frozen form of a test inside one instance, a pure function of (frozen document, seed, time factor).

pub mod model;
