//! Tests of the report: its words, its checks, its pages.

mod fixture;
mod html;
mod sample;
mod words;
