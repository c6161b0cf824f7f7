//! gleaner-core
