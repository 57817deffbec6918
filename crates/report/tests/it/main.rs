//! Tests of the report: its words, its checks, its pages.

mod checks;
mod fixture;
mod html;
mod pdf;
mod results;
mod rich_text;
mod sample;
mod spoiled;
mod words;
