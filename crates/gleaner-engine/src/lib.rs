//! gleaner-engine
