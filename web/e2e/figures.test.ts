import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeBrowser, closePage, openBrowser, openPage, Server, search } from './support';

const server = new Server();
beforeAll(async () => {
  await server.start();
});
afterAll(async () => {
  await closeBrowser();
  await server.remove();
});

const KILOBYTE = 1000;

test('the dashboard loads less than 200 KB of compressed JavaScript, and nothing jumps', async () => {
  const context = await (await openBrowser()).newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  const protocol = await context.newCDPSession(page);
  await protocol.send('Network.enable');
  const kinds = new Map<string, string>();
  let bytes = 0;
  protocol.on('Network.responseReceived', (event) => kinds.set(event.requestId, event.type));
  protocol.on('Network.loadingFinished', (event) => {
    if (kinds.get(event.requestId) === 'Script') bytes += event.encodedDataLength;
  });
  await page.addInitScript(() => {
    const seen = { shift: 0, longest: 0 };
    Object.assign(globalThis, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += (entry as unknown as { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.longest = Math.max(seen.longest, entry.duration);
    }).observe({ type: 'longtask', buffered: true });
  });
  await page.goto(server.url);
  await page.getByTestId('gauge').waitFor();
  const interactive = await page.evaluate(() => performance.now());
  await page.waitForLoadState('networkidle');
  const seen = await page.evaluate(
    () => (globalThis as unknown as { seen: { shift: number; longest: number } }).seen,
  );
  console.log(
    `figures: dashboard ${(bytes / KILOBYTE).toFixed(0)} KB of JavaScript, shown after ${interactive.toFixed(0)} ms, ` +
      `layout shift ${seen.shift.toFixed(4)}, longest task ${seen.longest.toFixed(0)} ms`,
  );
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(200 * KILOBYTE);
  expect(seen.shift).toBeLessThan(0.05);
  await context.close();
});

test('how long a known search takes, and the frames of a long table, are printed', async () => {
  const page = await openPage(`${server.url}/discover`);
  await search(page);
  const took: number[] = [];
  for (let round = 0; round < 5; round++) {
    took.push(
      await page.evaluate(async () => {
        const started = performance.now();
        document.querySelector<HTMLElement>('[data-testid=run]')?.click();
        const isThere = () =>
          document.querySelector('[data-testid=summary][data-took]') && document.querySelector('[data-asin]');
        await new Promise((resolve) => requestAnimationFrame(resolve));
        while (!isThere()) await new Promise((resolve) => requestAnimationFrame(resolve));
        return performance.now() - started;
      }),
    );
  }
  await page.getByRole('switch', { name: 'Score the products' }).click();
  await page.fill('[name=bsr_min]', '1');
  await page.fill('[name=bsr_max]', '3000000');
  await page.fill('[name=limit]', '10000');
  await page.getByTestId('category').click();
  await page.getByRole('option', { name: 'All categories' }).click();
  await search(page);
  const frames = await page.evaluate(async () => {
    const all: number[] = [];
    let before = performance.now();
    for (let step = 0; step < 120; step++) {
      scrollBy(0, 700);
      const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
      all.push(now - before);
      before = now;
    }
    return all.sort((a, b) => a - b);
  });
  const at = (share: number) =>
    (frames[Math.min(frames.length - 1, Math.floor(frames.length * share))] ?? 0).toFixed(0);
  took.sort((a, b) => a - b);
  console.log(
    `figures: a known search on screen after ${took[2]?.toFixed(0)} ms (median of ${took.length}); scrolling ` +
      `${await page.getByRole('table', { name: 'Products' }).getAttribute('aria-rowcount')} rows: frames of ${at(0.5)} ms ` +
      `(median), ${at(0.99)} ms (99 %), ${at(1)} ms (longest)`,
  );
  expect(took.length).toBe(5);
  await closePage(page);
});
