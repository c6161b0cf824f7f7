//! gleaner-store
