//! Integration tests of `tickmark-control-tests`: the library and the public
//! surface.

mod library;
