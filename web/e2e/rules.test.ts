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

test('a rule is changed with a preview of what flips, saved as a version, and restored', async () => {
  const page = await openPage(`${server.url}/discover`);
  await search(page);
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.getByRole('heading', { name: 'Rules' }).waitFor();
  expect(await page.getByTestId('save-rules').isDisabled()).toBe(true);
  await page.fill('[name="buy.roi_percent"]', '200000');
  await page.getByText('From 0 to 100,000').waitFor();
  await page.fill('[name="strong_buy.roi_percent"]', '5');
  await page.fill('[name="buy.roi_percent"]', '4');
  await page.fill('[name="consider.roi_percent"]', '3');
  await page.getByText('3 changes').waitFor();
  await page.getByTestId('preview').click();
  const result = page.getByTestId('preview-result');
  await result.waitFor();
  expect(await result.locator('details').count()).toBeGreaterThan(0);
  const balance = await page.getByTestId('balance').textContent();
  await page.fill('[name=rules-note]', 'Wider for the test');
  await page.getByTestId('save-rules').click();
  await page.getByText('Version 2 is in force').first().waitFor();
  await page.getByText('Wider for the test').waitFor();
  expect(await page.getByTestId('balance').textContent()).toBe(balance);
  await page.getByRole('button', { name: 'Restore' }).click();
  await page.getByText('Version 3 is in force').first().waitFor();
  await expect.poll(() => page.inputValue('[name="buy.roi_percent"]'), { timeout: 20_000 }).toBe('30');
  await closePage(page);
});

test('somebody who saved meanwhile is not overwritten', async () => {
  const page = await openPage(`${server.url}/rules?strategy=velocity`);
  await page.fill('[name="buy.velocity"]', '71');
  await page.getByTestId('preview').click();
  await page.getByTestId('preview-result').waitFor();
  const rules = `${server.url}/api/v1/rules/velocity`;
  const { document, version } = await (await fetch(rules)).json();
  const other = { ...document, max_rank: 90_000 };
  const body = JSON.stringify({ document: other, based_on: version });
  expect((await fetch(rules, { method: 'PUT', body })).status).toBe(200);
  await page.getByTestId('save-rules').click();
  await page.getByRole('alert').waitFor();
  expect((await (await fetch(rules)).json()).document.max_rank).toBe(90_000);
  await closePage(page);
});

test('an amount is shown and typed as money, in the currency of its marketplace', async () => {
  const page = await openPage(`${server.url}/rules?strategy=textbook`);
  const before = await (await fetch(`${server.url}/api/v1/rules/textbook`)).json();
  const [market, costs] = Object.entries(before.document.unit_costs)[0] as [string, { prep: number }];
  const prep = page.locator(`[name="unit_costs.${market}.prep"]`);
  expect(await prep.inputValue()).toBe((costs.prep / 100).toFixed(2));
  await prep.fill('0.255');
  await page.getByText(/^From \$0\.00 to/).waitFor();
  await prep.fill('0.25');
  await page.fill('[name="buy.profit"]', '12.5');
  await page.getByText('$12.50 · €12.50 · ¥1,250').first().waitFor();
  const diff = page.getByTestId('diff');
  expect(await diff.textContent()).toContain('$0.25');
  await page.getByTestId('preview').click();
  await page.getByTestId('preview-result').waitFor();
  await page.getByTestId('save-rules').click();
  await page.getByText('Version 2 is in force').first().waitFor();
  const after = await (await fetch(`${server.url}/api/v1/rules/textbook`)).json();
  expect(after.document.unit_costs[market].prep).toBe(25);
  expect(after.document.buy.profit).toBe(1250);
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByTestId('rules-diff').getByText('$12.50').waitFor();
  await closePage(page);
});
