//! gleaner-exchange
