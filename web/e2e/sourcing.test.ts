import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeBrowser, closePage, openPage, Server } from './support';

const server = new Server();
beforeAll(async () => {
  await server.start();
});
afterAll(async () => {
  await closeBrowser();
  await server.remove();
});

test('a job is made, run, and its picks are decided on by the keyboard', async () => {
  const page = await openPage(`${server.url}/sourcing?tab=jobs`);
  await page.getByTestId('new-job').click();
  await page.fill('[name=job-name]', 'Books at seven');
  await page.getByTestId('save-job').click();
  await page.getByTestId('run-job').click();
  await page.getByTestId('outcome').getByText('done').waitFor();
  await page.getByTestId('funnel').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Picks' }).click();
  const picks = page.getByTestId('pick');
  await picks.first().waitFor();
  const count = await picks.count();
  const title = (await picks.first().getByRole('heading').textContent()) ?? '';
  await page.keyboard.press('b');
  await page.getByText(`“${title}”: to buy`).first().waitFor();
  await expect.poll(() => picks.count(), { timeout: 20_000 }).toBe(count - 1);
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await expect.poll(() => picks.count(), { timeout: 20_000 }).toBe(count - 2);
  await page.keyboard.press('u');
  await expect.poll(() => picks.count(), { timeout: 20_000 }).toBe(count - 1);
  await page.getByRole('button', { name: 'To buy' }).click();
  await page.getByRole('heading', { name: title }).waitFor();
  await closePage(page);
});
