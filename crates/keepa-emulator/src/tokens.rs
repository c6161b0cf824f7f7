//! The token bucket: `R` tokens a minute in one tick, at most an hour's worth, and a debt when a request cost more than was there.

/// One key's balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bucket {
    balance: i64,
    /// Tokens per minute.
    rate: i64,
    /// The last tick, Unix ms.
    ticked_at: i64,
}

const TICK_MS: i64 = 60_000;

impl Bucket {
    /// A full bucket.
    pub(crate) const fn full(rate: i64, now_ms: i64) -> Self {
        Self { balance: rate.saturating_mul(60), rate, ticked_at: now_ms }
    }

    const fn capacity(self) -> i64 {
        self.rate.saturating_mul(60)
    }

    /// Adds the ticks that have passed. A clock that went back starts its minute anew and takes nothing away.
    pub(crate) fn refill(&mut self, now_ms: i64) {
        if now_ms < self.ticked_at {
            self.ticked_at = now_ms;
            return;
        }
        let ticks = (now_ms - self.ticked_at) / TICK_MS;
        if ticks > 0 {
            self.ticked_at += ticks * TICK_MS;
            let filled = self.balance.saturating_add(ticks.saturating_mul(self.rate));
            // A balance set above the capacity by hand stays until it is spent.
            self.balance = filled.min(self.capacity().max(self.balance));
        }
    }

    /// Tokens left, negative after an overdraft.
    pub(crate) const fn balance(self) -> i64 {
        self.balance
    }

    pub(crate) const fn rate(self) -> i64 {
        self.rate
    }

    /// Milliseconds to the next tick, 1 to 60,000.
    pub(crate) const fn refill_in(self, now_ms: i64) -> i64 {
        let passed = now_ms.saturating_sub(self.ticked_at);
        TICK_MS - passed.rem_euclid(TICK_MS)
    }

    /// Takes the cost of a request that was admitted; below zero if need be.
    pub(crate) const fn charge(&mut self, cost: i64) {
        self.balance = self.balance.saturating_sub(cost);
    }

    pub(crate) const fn set_balance(&mut self, balance: i64) {
        self.balance = balance;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_holds_an_hours_tokens_and_no_more() {
        let mut bucket = Bucket::full(20, 1_000);
        assert_eq!(bucket.balance(), 1_200);
        bucket.refill(1_000 + 3_600_000);
        assert_eq!(bucket.balance(), 1_200);
    }

    #[test]
    fn a_request_may_cost_more_than_is_left_and_the_debt_is_worked_off_by_the_minute() {
        let mut bucket = Bucket::full(5, 0);
        bucket.charge(312);
        assert_eq!(bucket.balance(), -12);
        bucket.refill(59_999);
        assert_eq!(bucket.balance(), -12);
        bucket.refill(60_000);
        assert_eq!(bucket.balance(), -7);
        bucket.refill(180_000);
        assert_eq!(bucket.balance(), 3);
    }

    #[test]
    fn the_next_tick_is_announced_to_the_millisecond() {
        let mut bucket = Bucket::full(20, 500);
        assert_eq!(bucket.refill_in(500), 60_000);
        assert_eq!(bucket.refill_in(20_908), 39_592);
        bucket.refill(60_600);
        assert_eq!(bucket.refill_in(60_600), 59_900);
    }

    #[test]
    fn a_clock_that_goes_back_costs_nothing() {
        let mut bucket = Bucket::full(20, 600_000);
        bucket.charge(100);
        bucket.refill(0);
        assert_eq!(bucket.balance(), 1_100);
        bucket.refill(60_000);
        assert_eq!(bucket.balance(), 1_120);
    }

    proptest::proptest! {
        #[test]
        fn charges_and_ticks_add_up(
            rate in 1_i64..2_000,
            steps in proptest::collection::vec((0_i64..400_000, 0_i64..500), 0..60),
        ) {
            let mut bucket = Bucket::full(rate, 0);
            let (mut now, mut expected, mut ticks) = (0, rate * 60, 0);
            for (passed, cost) in steps {
                now += passed;
                while ticks < now / 60_000 {
                    ticks += 1;
                    expected = (expected + rate).min(rate * 60);
                }
                bucket.refill(now);
                proptest::prop_assert_eq!(bucket.balance(), expected);
                bucket.charge(cost);
                expected -= cost;
                proptest::prop_assert!((1..=60_000).contains(&bucket.refill_in(now)));
            }
        }
    }
}
