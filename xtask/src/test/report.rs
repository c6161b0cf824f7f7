//! Counting tests: what the test programs print, what the tests wrote into the skip log, and what of it makes a
//! run fail.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// A skipped test is accepted in CI only when its sentence names the folder of real data, which is not part of
/// the project.
const ABSENT_DATA: &str = "shared/data";

/// The outcome of all steps so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    passed: u64,
    failed: u64,
    ignored: u64,
    failures: Vec<String>,
    broken: Vec<String>,
    /// How often each sentence was given as the reason for skipping a test.
    skipped: BTreeMap<String, u64>,
    /// Sentences seen in the output. Whoever writes one there writes it into the log too, as a rule; so they
    /// are not added to its counts.
    printed: Vec<String>,
}

impl Report {
    /// Reads one line of a Rust test program's output.
    pub(super) fn line(&mut self, line: &str) {
        if let Some(counts) = Counts::parse(line) {
            self.passed += counts.passed;
            self.failed += counts.failed;
            self.ignored += counts.ignored;
        } else if let Some(reason) = line.strip_prefix("skipped:") {
            self.printed.push(reason.trim().to_owned());
        } else if let Some((name, outcome)) =
            line.strip_prefix("test ").and_then(|test| test.split_once(" ... "))
        {
            if outcome == "FAILED" {
                self.failures.push(name.to_owned());
            } else if let Some(reason) = outcome.strip_prefix("ignored") {
                self.skip(&format!("{name} is marked `ignore`{reason}"));
            }
        }
    }

    /// Reads the skip log: one sentence per skipped test and line, with or without `skipped:` before it.
    pub(super) fn skip_log(&mut self, text: &str) {
        for line in text.lines() {
            let sentence = line.strip_prefix("skipped:").unwrap_or(line).trim();
            if !sentence.is_empty() {
                self.skip(sentence);
            }
        }
        for sentence in std::mem::take(&mut self.printed) {
            self.skipped.entry(sentence).or_insert(1);
        }
    }

    /// One test that is not a Rust test.
    pub(super) fn outcome(&mut self, name: &str, passed: bool) {
        println!("test {name} ... {}", if passed { "ok" } else { "FAILED" });
        if passed {
            self.passed += 1;
        } else {
            self.failed += 1;
            self.failures.push(name.to_owned());
        }
    }

    /// A test that cannot run here, and why. It is not among those that the runner counted.
    pub(super) fn left_out(&mut self, sentence: &str) {
        self.ignored += 1;
        self.skip(sentence);
    }

    fn skip(&mut self, sentence: &str) {
        *self.skipped.entry(sentence.to_owned()).or_default() += 1;
    }

    /// Something other than a test went wrong; it counts as one failure.
    pub(super) fn broken(&mut self, what: String) {
        self.broken.push(what);
    }

    /// A test runner ended with an error: nothing new when tests failed, else they did not build or crashed.
    pub(super) fn unsuccessful(&mut self, what: &str) {
        if self.failed == 0 {
            self.broken(format!("{what}, though no test is reported as failed"));
        }
    }

    fn skips(&self) -> u64 {
        self.skipped.values().sum()
    }

    /// The runner counts a test that skipped itself as passed, and an ignored one not at all.
    fn really_passed(&self) -> u64 {
        self.passed.saturating_sub(self.skips().saturating_sub(self.ignored))
    }

    fn failures(&self) -> u64 {
        self.failed + u64::try_from(self.broken.len()).unwrap_or(u64::MAX)
    }

    fn ran_nothing(&self) -> bool {
        self.really_passed() == 0 && self.failures() == 0
    }

    fn forbidden_skips(&self) -> impl Iterator<Item = &str> {
        self.skipped.keys().map(String::as_str).filter(|sentence| !sentence.contains(ABSENT_DATA))
    }

    /// Whether the run as a whole passes.
    pub(super) fn is_good(&self, in_ci: bool) -> bool {
        self.failures() == 0 && !self.ran_nothing() && !(in_ci && self.forbidden_skips().next().is_some())
    }

    /// The end of the output; its last line is `N passed, N failed`, with `, N skipped` where that is not 0.
    pub(super) fn summary(&self, in_ci: bool, elapsed: Duration) -> String {
        let mut text = format!("tests took {} s\n", elapsed.as_secs());
        let mut add = |line: std::fmt::Arguments<'_>| {
            // Writing into a String cannot fail.
            let _ = writeln!(text, "{line}");
        };
        for name in &self.failures {
            add(format_args!("failed: {name}"));
        }
        for what in &self.broken {
            add(format_args!("failed: {what}"));
        }
        for (sentence, count) in &self.skipped {
            add(format_args!("skipped {count}x: {sentence}"));
        }
        if self.ran_nothing() {
            add(format_args!("no test ran, which is not a success"));
        }
        if in_ci && self.forbidden_skips().next().is_some() {
            add(format_args!(
                "CI does not accept skipped tests, except where {ABSENT_DATA} is absent: the run fails"
            ));
        }
        let _ = write!(text, "{} passed, {} failed", self.really_passed(), self.failures());
        if self.skips() > 0 {
            let _ = write!(text, ", {} skipped", self.skips());
        }
        text
    }
}

/// One `test result:` line.
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Counts {
    /// Reads `test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s`.
    fn parse(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let count = |name: &str| {
            counts.split("; ").find_map(|part| {
                let (number, of) = part.split_once(' ')?;
                (of == name).then(|| number.parse().ok()).flatten()
            })
        };
        Some(Self { passed: count("passed")?, failed: count("failed")?, ignored: count("ignored")? })
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, Report};
    use std::time::Duration;

    const OK: &str =
        "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.02s";
    const FAILED: &str =
        "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.50s";

    fn report(lines: &[&str], log: &str) -> Report {
        let mut report = Report::default();
        for line in lines {
            report.line(line);
        }
        report.skip_log(log);
        report
    }

    fn closing_line(report: &Report) -> String {
        let summary = report.summary(false, Duration::ZERO);
        summary.lines().last().unwrap_or_default().to_owned()
    }

    #[test]
    fn result_lines_of_the_test_programs_are_read() {
        assert_eq!(Counts::parse(OK), Some(Counts { passed: 5, failed: 0, ignored: 1 }));
        assert_eq!(Counts::parse(FAILED), Some(Counts { passed: 2, failed: 3, ignored: 0 }));
        for other in
            ["", "test result: ok", "test a ... ok", "note: test result: ok. 1 passed; 0 failed; 0 ignored"]
        {
            assert_eq!(Counts::parse(other), None, "{other}");
        }
    }

    #[test]
    fn the_closing_line_adds_up_all_test_programs() {
        let report =
            report(&["test a::b ... FAILED", FAILED, OK.replace("1 ignored", "0 ignored").as_str()], "");
        assert_eq!(closing_line(&report), "7 passed, 3 failed");
        assert!(report.summary(false, Duration::ZERO).contains("failed: a::b\n"));
        assert!(!report.is_good(false));
    }

    #[test]
    fn a_skipped_test_is_not_counted_as_passed() {
        let report = report(&[OK.replace("1 ignored", "0 ignored").as_str()], "no shared/data here\n");
        assert_eq!(closing_line(&report), "4 passed, 0 failed, 1 skipped");
    }

    #[test]
    fn ci_accepts_skips_for_absent_data_and_no_others() {
        let one_pass = OK.replace("1 ignored", "0 ignored");
        let data = report(&[&one_pass], "skipped: ../shared/data is absent\n");
        assert!(data.is_good(true));
        let other = report(&[&one_pass], "no PostgreSQL\n../shared/data is absent\n");
        assert!(!other.is_good(true));
        assert!(other.is_good(false));
        assert!(other.summary(true, Duration::ZERO).contains("skipped 1x: no PostgreSQL\n"));
    }

    #[test]
    fn an_ignored_test_is_a_skipped_test() {
        let report = report(&["test slow::one ... ignored, takes an hour", "test ok ... ok", OK], "");
        assert_eq!(closing_line(&report), "5 passed, 0 failed, 1 skipped");
        assert!(!report.is_good(true));
    }

    #[test]
    fn tests_that_cannot_be_started_are_skipped_and_take_nothing_from_those_that_passed() {
        let mut report = report(&[OK.replace("1 ignored", "0 ignored").as_str()], "");
        report.left_out("no browser");
        assert_eq!(closing_line(&report), "5 passed, 0 failed, 1 skipped");
        assert!(report.is_good(false) && !report.is_good(true));
    }

    #[test]
    fn a_sentence_both_printed_and_logged_counts_as_often_as_it_was_logged() {
        let one_pass = OK.replace("1 ignored", "0 ignored");
        let both = report(&["skipped: no network", "skipped: no network", &one_pass], "no network\n");
        assert_eq!(closing_line(&both), "4 passed, 0 failed, 1 skipped");
        let printed_only = report(&["skipped: no network", &one_pass], "");
        assert_eq!(closing_line(&printed_only), "4 passed, 0 failed, 1 skipped");
    }

    #[test]
    fn a_run_without_any_test_fails() {
        let nothing = report(&[], "");
        assert!(!nothing.is_good(false));
        assert!(nothing.summary(false, Duration::ZERO).contains("no test ran"));
    }

    #[test]
    fn tests_that_crash_or_do_not_build_fail_the_run_without_any_failed_test() {
        let mut report = report(&[OK.replace("1 ignored", "0 ignored").as_str()], "");
        report.unsuccessful("cargo test ended with exit status: 101");
        assert_eq!(closing_line(&report), "5 passed, 1 failed");
        assert!(!report.is_good(false));
    }
}
