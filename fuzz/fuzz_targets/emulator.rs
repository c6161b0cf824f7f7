//! The emulator's own parsers: a selection, a deal query, any body, through its routes.

#![no_main]

use std::cell::RefCell;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use keepa_emulator::{EmulatorConfig, VirtualClock, router};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

thread_local! {
    static EMULATOR: RefCell<Option<(Runtime, Router)>> = const { RefCell::new(None) };
}

fn start() -> (Runtime, Router) {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    // So many tokens that a 429 never ends the game.
    let config = EmulatorConfig { products: 500, refill_rate: 1_000_000_000, ..EmulatorConfig::default() };
    let clock = Arc::new(VirtualClock::new(gleaner_fuzz::moment()));
    (runtime, router(config, clock).expect("an emulator"))
}

fuzz_target!(|bytes: &[u8]| {
    let Some((which, body)) = bytes.split_first() else { return };
    let path = ["query", "deal", "product", "seller", "category", "tracking"][usize::from(which % 6)];
    EMULATOR.with_borrow_mut(|emulator| {
        let (runtime, router) = emulator.get_or_insert_with(start);
        let request = Request::post(format!("/{path}/?key=fuzz&domain=1")).body(Body::from(body.to_vec()));
        let Ok(request) = request else { return };
        let answer = runtime.block_on(router.clone().oneshot(request)).expect("routes never fail");
        assert!(answer.status().as_u16() != 500 || cfg!(not(debug_assertions)), "{path}: 500");
    });
});
