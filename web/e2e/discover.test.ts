import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeBrowser, closePage, openPage, Server, search } from './support';

const server = new Server();
beforeAll(async () => {
  await server.start();
});
afterAll(async () => {
  await closeBrowser();
  await server.remove();
});

const discover = () => openPage(`${server.url}/discover`);

test('a search is paid once: asked again it comes from the cache and costs nothing', async () => {
  const page = await discover();
  await page.getByTestId('estimate').getByText('Costs 11 to 61 tokens').waitFor();
  await search(page);
  const summary = page.getByTestId('summary');
  expect(await summary.textContent()).toContain('fresh from Keepa');
  expect(await page.locator('[data-asin]').count()).toBeGreaterThan(5);
  await page.getByTestId('estimate').getByText('Costs nothing').waitFor();
  await search(page);
  await summary.getByText('from the cache').waitFor();
  expect(await summary.textContent()).toMatch(/0 tokens spent, \d+ saved/);
  await closePage(page);
});

test('an address that was kept shows its products at once when they are known', async () => {
  const page = await discover();
  await search(page);
  await page.reload();
  await page.locator('[data-testid=summary][data-took]').waitFor();
  expect(await page.getByTestId('summary').textContent()).toContain('from the cache');
  await closePage(page);
});

test('wrong filters are told where they stand, before anything is asked', async () => {
  const page = await discover();
  await page.fill('[name=bsr_max]', '5');
  await page.getByText('Not below the best rank').waitFor();
  await page.fill('[name=price_min]', '12.345');
  await page.getByText('An amount such as 15.00').waitFor();
  expect(await page.getByTestId('run').isDisabled()).toBe(true);
  await closePage(page);
});

test('a product opens with its fees from price to profit, and what-if costs no token', async () => {
  const page = await discover();
  await search(page);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  const lines = page.locator('[data-testid=waterfall] [data-line]');
  await lines.first().waitFor();
  const asin = new URL(page.url()).searchParams.get('asin') ?? '';
  // JSON strings in the address are quoted when they look like numbers.
  const plain = asin.replaceAll('"', '');
  const answer = await page.request.get(`${server.url}/api/v1/products/${plain}?marketplace=us`);
  const { score } = await answer.json();
  const shown = async (name: string) => {
    const text = await page.locator(`[data-line=${name}] td`).first().textContent();
    return Number((text ?? '').replace('−', '-').replaceAll(/[$,]/g, '')) * 100;
  };
  expect(await shown('sell_price')).toBeCloseTo(score.sell_price);
  expect(await shown('net')).toBeCloseTo(score.net);
  expect(await shown('profit')).toBeCloseTo(score.profit);
  let rest = score.sell_price;
  for (const line of await page
    .locator('[data-line]')
    .evaluateAll((all) => all.map((one) => one.getAttribute('data-line')))) {
    if (line && !['sell_price', 'net', 'cost', 'profit'].includes(line)) rest += await shown(line);
  }
  expect(rest).toBeCloseTo(score.net);
  const balance = await page.getByTestId('balance').textContent();
  await page.fill('[name=what-if-cost]', '1.00');
  await page.locator('[data-line=cost] td').getByText('$1.00').waitFor();
  expect(await shown('profit')).toBeCloseTo(score.net - 100);
  expect(await page.getByTestId('balance').textContent()).toBe(balance);
  await page.keyboard.press('Escape');
  await page.getByTestId('waterfall').waitFor({ state: 'detached' });
  expect(page.url()).not.toContain('asin');
  await closePage(page);
});

test('the order and the columns of the table stay in the address', async () => {
  const page = await discover();
  await search(page);
  await page.getByRole('columnheader', { name: 'ROI' }).getByRole('button').click();
  await page.waitForURL(/sort=-roi_percent/);
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Velocity' }).click();
  await page.keyboard.press('Escape');
  await page.reload();
  await page.getByRole('columnheader', { name: 'Velocity' }).waitFor();
  expect(await page.getByRole('columnheader', { name: 'ROI' }).getAttribute('aria-sort')).toBe('descending');
  await closePage(page);
});

test('ten thousand products are in the table, and only those on the screen in the page', async () => {
  const page = await discover();
  await page.getByRole('switch', { name: 'Score the products' }).click();
  await page.fill('[name=bsr_min]', '1');
  await page.fill('[name=bsr_max]', '3000000');
  await page.fill('[name=limit]', '10000');
  await page.getByTestId('category').click();
  await page.getByRole('option', { name: 'All categories' }).click();
  await search(page);
  const rows = Number(await page.getByRole('table', { name: 'Products' }).getAttribute('aria-rowcount'));
  expect(rows).toBeGreaterThan(5000);
  expect(await page.locator('[data-asin]').count()).toBeLessThan(80);
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await page.locator(`[aria-rowindex="${rows}"]`).waitFor();
  await closePage(page);
});

test('chosen products are a file that the server writes, with the terms of the search', async () => {
  const page = await openPage(`${server.url}/discover`);
  await search(page);
  const boxes = page.getByRole('checkbox', { name: /^Select \w{10}$/ });
  await boxes.nth(0).click();
  await boxes.nth(1).click();
  const bar = page.getByRole('toolbar', { name: 'Chosen products' });
  await bar.getByText('2 selected').waitFor();
  const file = page.waitForEvent('download');
  await bar.getByTestId('export').click();
  await page.getByRole('menuitem', { name: 'CSV' }).click();
  const text = readFileSync(await (await file).path(), 'utf8');
  expect(text.trim().split(/\r?\n/)).toHaveLength(3);
  const book = page.waitForEvent('download');
  await bar.getByTestId('export').click();
  await page.getByRole('menuitem', { name: 'Excel' }).click();
  // What a workbook begins with: it is a ZIP file.
  expect(
    readFileSync(await (await book).path())
      .subarray(0, 2)
      .toString(),
  ).toBe('PK');
  await closePage(page);
});

test('a product whose offers were not bought says so, not that there are none', async () => {
  const page = await openPage(`${server.url}/discover`);
  await search(page);
  await page.locator('[data-asin]').first().click();
  await page.getByText('Not bought: the product’s data came without its offers.').waitFor();
  await closePage(page);
});

test('chosen products are watched once, at no token, and undone they are not', async () => {
  const page = await openPage(`${server.url}/discover`);
  await search(page);
  const balance = await page.getByTestId('balance').textContent();
  const boxes = page.getByRole('checkbox', { name: /^Select \w{10}$/ });
  const asins: string[] = [];
  for (const place of [0, 1]) {
    asins.push(((await boxes.nth(place).getAttribute('aria-label')) ?? '').replace('Select ', ''));
    await boxes.nth(place).click();
  }
  const bar = page.getByRole('toolbar', { name: 'Chosen products' });
  const watching = async () => {
    const answer = await page.request.get(`${server.url}/api/v1/sourcing/picks?state=watching`);
    const picks: { asin: string; job: string | null }[] = await answer.json();
    return picks.filter((pick) => pick.job === null).map((pick) => pick.asin);
  };
  await bar.getByRole('button', { name: 'Watch' }).click();
  await page.getByText('2 products watched', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(watching).toEqual([]);
  await bar.getByRole('button', { name: 'Watch' }).click();
  await expect.poll(async () => (await watching()).sort()).toEqual([...asins].sort());
  await bar.getByRole('button', { name: 'Watch' }).click();
  await page.getByText('2 were watched already', { exact: true }).waitFor();
  expect(await page.getByTestId('balance').textContent()).toBe(balance);
  await page.goto(`${server.url}/sourcing?state=watching`);
  for (const asin of asins) await page.getByText(`${asin} · chosen by hand`).waitFor();
  await closePage(page);
});
