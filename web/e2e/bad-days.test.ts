import { afterAll, expect, test } from 'vitest';
import { closeBrowser, closePage, openPage, Server, search } from './support';

afterAll(closeBrowser);

test('while the server restarts the page says so, keeps what it shows, and goes on', async () => {
  const server = await new Server().start();
  const page = await openPage(`${server.url}/discover`);
  await search(page);
  const shown = await page.locator('[data-asin]').count();
  await server.stop();
  await page.evaluate(() => dispatchEvent(new Event('visibilitychange')));
  await page.getByTestId('offline').waitFor();
  expect(await page.locator('[data-asin]').count()).toBe(shown);
  await server.start();
  await page.getByTestId('offline').waitFor({ state: 'detached' });
  await search(page);
  expect(await page.getByTestId('summary').textContent()).toContain('from the cache');
  await page.context().close();
  await server.remove();
});

test('when Keepa is out of tokens the page says when there will be enough', async () => {
  const keepa = new Server();
  // One token a minute: an account that holds sixty.
  const address = await keepa.emulator('--key', 'of-the-tests', '--refill-rate', '1');
  const server = await new Server({ KEEPA_BASE_URL: address, KEEPA_API_KEY: 'of-the-tests' }).start();
  const page = await openPage(`${server.url}/discover`);
  await page.fill('[name=limit]', '40');
  await search(page);
  expect(await page.getByTestId('demo').count()).toBe(0);
  await page.fill('[name=bsr_min]', '60000');
  await page.fill('[name=bsr_max]', '90000');
  await page.getByTestId('run').click();
  const alert = page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.getByTestId('retry-at').textContent()).toMatch(/There will be enough tokens in \d+/);
  await closePage(page);
  await server.remove();
  await keepa.remove();
});
