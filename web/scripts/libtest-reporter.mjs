// Prints results the way Rust's test programs do, so that one report counts both.
export default class LibtestReporter {
  onTestCaseResult(test) {
    const { state, errors } = test.result();
    const name = `web::${test.module.moduleId
      .split('/')
      .pop()
      .replace(/\.test\.ts$/, '')}::${test.fullName.replaceAll(' > ', '::')}`;
    const outcome = { passed: 'ok', failed: 'FAILED', skipped: 'ignored, left out' }[state] ?? state;
    console.log(`test ${name.replaceAll(' ... ', ' … ')} ... ${outcome}`);
    for (const error of errors ?? []) console.error(`${error.stack ?? error.message}\n`);
  }

  onTestRunEnd(modules, unhandled) {
    const count = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1;
      // A file that does not load has no tests, and a hook that fails leaves them out.
      const errors = module.errors();
      if (errors.length > 0) count.failed += 1;
      for (const error of errors) console.error(`${module.moduleId}: ${error.stack ?? error.message}`);
    }
    for (const error of unhandled) console.error(error.stack ?? error.message);
    const verdict = count.failed === 0 ? 'ok' : 'FAILED';
    console.log(
      `test result: ${verdict}. ${count.passed} passed; ${count.failed} failed; ${count.skipped} ignored; 0 measured; 0 filtered out`,
    );
  }
}
