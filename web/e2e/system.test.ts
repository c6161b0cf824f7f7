import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { barriers, closeBrowser, closePage, openPage, overflows, picture, Server, search } from './support';

const server = new Server();
beforeAll(async () => {
  await server.start();
});
afterAll(async () => {
  await closeBrowser();
  await server.remove();
});

test('what the caches hold is looked through by product, page and address, and a score opens its product', async () => {
  const page = await openPage(`${server.url}/discover`);
  await search(page);
  await page.goto(`${server.url}/system`);
  await page.waitForURL('**/system/caches');
  await page.getByTestId('cache-row').getByText('discovery:1:283155:10000-50000').waitFor();
  await page.getByLabel('Cache', { exact: true }).selectOption('scoring');
  const rows = page.getByTestId('cache-row');
  await expect.poll(() => rows.count()).toBeGreaterThan(5);
  const key = (await rows.first().locator('code').textContent()) ?? '';
  const asin = key.split(':')[1] ?? '';
  expect(page.url()).toContain('cache=scoring');
  await page.fill('[name=asin]', asin);
  await expect.poll(() => rows.count()).toBe(1);
  await page.reload();
  await expect.poll(() => rows.count()).toBe(1);
  // What is found is what the file has.
  const file = page.waitForEvent('download');
  await page.getByTestId('export').click();
  await page.getByRole('menuitem', { name: 'CSV' }).click();
  const lines = readFileSync(await (await file).path(), 'utf8').trim();
  expect(lines.split(/\r?\n/)).toHaveLength(2);
  expect(lines).toContain(key);
  await rows.first().getByRole('link').click();
  await page.getByTestId('waterfall').waitFor();
  expect(page.url()).toContain(asin);
  await closePage(page);
});

test('a cache is emptied only after a question, and then holds nothing', async () => {
  const page = await openPage(`${server.url}/discover`);
  await search(page);
  await page.goto(`${server.url}/system/caches?cache=scoring`);
  const rows = page.getByTestId('cache-row');
  await rows.first().waitFor();
  await page.getByTestId('clear-scoring').click();
  await page.getByRole('dialog', { name: 'Empty this cache?' }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  expect(await rows.count()).toBeGreaterThan(0);
  await page.getByTestId('clear-scoring').click();
  await page.getByTestId('confirm').click();
  await page.getByText('Nothing is kept yet').waitFor();
  const { scoring, discovery } = await (await fetch(`${server.url}/api/v1/cache/stats`)).json();
  expect([scoring.entries, discovery.entries > 0]).toEqual([0, true]);
  await page.getByTestId('purge').click();
  await page
    .getByText(/expired answers? removed/)
    .first()
    .waitFor();
  await closePage(page);
});

test('a fee card is looked at, replaced after a check, and put back', async () => {
  const page = await openPage(`${server.url}/discover`);
  await search(page);
  await page.goto(`${server.url}/system/fee-cards`);
  const today = page.getByTestId('fee-card').filter({ hasText: 'today' });
  const id = (await today.getByRole('button').textContent()) ?? '';
  await today.getByRole('button').click();
  const card = page.getByRole('dialog', { name: id });
  await card.getByText('Small standard size').waitFor();
  // The first fee of the card as the API has it, as money.
  const api = `${server.url}/api/v1/fee-cards/${id}`;
  const shipped = await (await fetch(api)).json();
  const [fee] = shipped.card.small_standard.rows[0].fee;
  await card
    .getByRole('cell', { name: `$${(fee / 100).toFixed(2)}`, exact: true })
    .first()
    .waitFor();
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'fee-card');
  await page.setViewportSize({ width: 375, height: 760 });
  expect(await overflows(page)).toBe(false);
  await picture(page, 'fee-card-375');
  await page.setViewportSize({ width: 1280, height: 860 });
  await card.getByRole('button', { name: 'Replace' }).click();
  const text = page.locator('[name=fee-card]');
  const save = page.getByTestId('save-card');
  await text.fill('{');
  await card.getByText('This is not a card in JSON').waitFor();
  expect(await page.getByTestId('check-card').isDisabled()).toBe(true);
  const changed = structuredClone(shipped.card);
  changed.closing.fee = -1;
  await text.fill(JSON.stringify(changed));
  await page.getByTestId('check-card').click();
  await card
    .getByRole('alert')
    .getByText(/closing/)
    .first()
    .waitFor();
  expect(await save.isDisabled()).toBe(true);
  changed.closing.fee = 900;
  await text.fill(JSON.stringify(changed));
  expect(await save.isDisabled()).toBe(true);
  await page.getByTestId('check-card').click();
  await page.getByTestId('preview-result').waitFor();
  await page.fill('[name=fee-card-note]', 'Dearer for the test');
  await save.click();
  await page.getByText(`${id}: version 2 is in force`).first().waitFor();
  expect((await (await fetch(api)).json()).card.closing.fee).toBe(900);
  await card.getByRole('button', { name: 'Versions' }).click();
  await card.getByText('Dearer for the test').waitFor();
  await card.getByTestId('card-version').last().getByRole('button', { name: 'Restore' }).click();
  await page.getByText(`${id}: version 3 is in force`).first().waitFor();
  expect((await (await fetch(api)).json()).card).toEqual(shipped.card);
  await closePage(page);
});

test('the database is checked table by table', async () => {
  const page = await openPage(`${server.url}/system/database`);
  await page.getByTestId('check-result').getByText('The database is as it must be').waitFor();
  const row = page.getByRole('row').filter({ hasText: 'search_history' });
  expect(await row.textContent()).toContain('as expected');
  await page.getByTestId('check-again').click();
  await page.getByTestId('check-result').waitFor();
  await closePage(page);
});

test('an alert shows on every page, is noted, silenced and heard again', async () => {
  // So little that any entry is too many.
  const strict = await new Server({ GLEANER_ALERT_CACHE_ENTRIES: '1' }).start();
  const page = await openPage(`${strict.url}/discover`);
  await search(page);
  // Measured every minute by the server, and now by this.
  await strict.command('alerts');
  await page.goto(`${strict.url}/system/alerts`);
  const alert = page.getByTestId('alert').filter({ hasText: 'scoring cache' });
  await alert.waitFor();
  await page.getByTestId('alert-count').first().waitFor();
  await picture(page, 'alerts');
  await alert.getByTestId('acknowledge').click();
  await alert.getByText('noted', { exact: true }).waitFor();
  await alert.getByTestId('silence').click();
  await page.getByRole('menuitem', { name: '8 hours' }).click();
  await alert.getByText(/silent until/).waitFor();
  await alert.getByRole('button', { name: 'End the silence' }).click();
  await alert.getByText(/silent until/).waitFor({ state: 'detached' });
  await page.goto(strict.url);
  await page
    .getByTestId('alerts')
    .getByText(/scoring cache has \d+ entries/)
    .waitFor();
  await closePage(page);
  await strict.remove();
});
