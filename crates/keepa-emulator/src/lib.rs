//! keepa-emulator
