//! Counts, determinism and the seeded deviations, over several seeds.
