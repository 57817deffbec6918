//! Tests of the ledger through its public interface.

mod appending;
mod bodies;
mod crashing;
mod exporting;
mod fsck;
mod high_water_mark;
mod opening;
mod proving;
mod scratch;
mod witnessing;
