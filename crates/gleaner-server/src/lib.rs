//! gleaner-server
