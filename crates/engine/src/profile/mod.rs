//! Profiles: mergeable sketches of a column (distinct, quantiles, top values, min, max).
