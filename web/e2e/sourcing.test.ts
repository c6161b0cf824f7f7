import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  barriers,
  closeBrowser,
  closePage,
  openPage,
  overflows,
  picture,
  Server,
  type Watched,
} from './support';

const server = new Server();
beforeAll(async () => {
  await server.start();
});
afterAll(async () => {
  await closeBrowser();
  await server.remove();
});

/** Makes a job of the usual search, or runs it again, and waits for its picks. */
async function picked(): Promise<Watched> {
  const page = await openPage(`${server.url}/sourcing?tab=jobs`);
  await page.getByTestId('new-job').click();
  await page.fill('[name=job-name]', `Books ${Math.round(performance.now())}`);
  await page.getByTestId('save-job').click();
  await page.getByTestId('run-job').first().click();
  await page.getByTestId('outcome').getByText('done').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Picks', exact: true }).click();
  await page.getByTestId('pick').first().waitFor();
  return page;
}

/** What the server keeps of the picks in a state. */
const kept = async (state: string) =>
  (await (await fetch(`${server.url}/api/v1/sourcing/picks?state=${state}`)).json()) as {
    id: string;
    note: string | null;
    purchases: { quantity: number; spent: number } | null;
  }[];

test('a job is made, run, and its picks are decided on by the keyboard', async () => {
  const page = await openPage(`${server.url}/sourcing?tab=jobs`);
  await page.getByTestId('new-job').click();
  await page.fill('[name=job-name]', 'Books at seven');
  await page.getByTestId('save-job').click();
  await page.getByTestId('run-job').click();
  await page.getByTestId('outcome').getByText('done').waitFor();
  await page.getByTestId('funnel').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Picks', exact: true }).click();
  const picks = page.getByTestId('pick');
  await picks.first().waitFor();
  const count = await picks.count();
  const title = (await picks.first().getByRole('heading').textContent()) ?? '';
  await page.keyboard.press('b');
  await page.getByText(`“${title}”: to buy`).first().waitFor();
  await expect.poll(() => picks.count(), { timeout: 20_000 }).toBe(count - 1);
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.getByRole('dialog', { name: 'Why not?' }).waitFor();
  await page.keyboard.press('2');
  await expect.poll(() => kept('dismissed').then((all) => all.length), { timeout: 20_000 }).toBe(1);
  await expect.poll(() => picks.count(), { timeout: 20_000 }).toBe(count - 2);
  await page.keyboard.press('u');
  await expect.poll(() => kept('dismissed').then((all) => all.length), { timeout: 20_000 }).toBe(0);
  await expect.poll(() => picks.count(), { timeout: 20_000 }).toBe(count - 1);
  await page.getByRole('button', { name: 'To buy', exact: true }).first().click();
  await page.getByRole('heading', { name: title }).waitFor();
  await closePage(page);
});

test('a purchase is recorded with what it really cost, and can be undone', async () => {
  const page = await picked();
  await page.keyboard.press('o');
  await page.getByRole('dialog', { name: 'What did you buy?' }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.fill('[name=quantity]', '3');
  await page.getByTestId('decide').click();
  await page.getByText('An amount such as 15.00').waitFor();
  await page.fill('[name=unit-cost]', '4.20');
  await page.fill('[name=note]', 'From Paul');
  await page.getByTestId('decide').click();
  await expect
    .poll(() => kept('bought').then((all) => all.map(({ purchases, note }) => ({ purchases, note }))), {
      timeout: 20_000,
    })
    .toEqual([{ purchases: { quantity: 3, spent: 1260 }, note: 'From Paul' }]);
  await page.getByRole('button', { name: 'Bought', exact: true }).click();
  await page.getByText('3 copies bought for $12.60').waitFor();
  await page.keyboard.press('Enter');
  const steps = page.getByTestId('steps');
  await steps.getByText('3 × $4.20').waitFor();
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'pick-light');
  await steps.getByRole('button', { name: 'Undo' }).click();
  await steps.getByText('undone').waitFor();
  expect(await kept('bought')).toEqual([]);
  await closePage(page);
});

test('the buy list says what to buy, is verified with fresh facts, and is a file for the way', async () => {
  const page = await picked();
  await page.getByRole('button', { name: 'Buy list' }).click();
  const list = page.getByTestId('buy-list');
  await list.waitFor();
  expect(await barriers(page)).toEqual([]);
  await list.getByTestId('verify').first().click();
  await page.getByTestId('verify').first().and(page.locator(':enabled')).waitFor();
  await picture(page, 'buy-list-light');
  await page.setViewportSize({ width: 375, height: 760 });
  expect(await overflows(page)).toBe(false);
  await picture(page, 'buy-list-light-375');
  await page.setViewportSize({ width: 1280, height: 860 });
  const rows = await list.getByRole('heading').count();
  const file = page.waitForEvent('download');
  await page.getByTestId('export').click();
  await page.getByRole('menuitem', { name: 'CSV' }).click();
  const lines = readFileSync(await (await file).path(), 'utf8')
    .trim()
    .split(/\r?\n/);
  expect(lines.length).toBe(rows + 1);
  await page.getByRole('button', { name: 'Appearance and language' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Français' }).click();
  const why = list.getByTestId('why').first();
  await why.getByText(/^vu pour la première fois$|^vu lors de|ROI au-dessus/).waitFor();
  expect(await why.textContent()).not.toContain('the ');
  await closePage(page);
});

test('a job has several searches, niches among them, and runs on the days that are chosen in words', async () => {
  const niche = {
    name: 'Thin books',
    filters: { marketplace: 'us', category: 'Books', bsr_min: 50_000, bsr_max: 60_000, limit: 10 },
  };
  const headers = { 'content-type': 'application/json' };
  const saved = await fetch(`${server.url}/api/v1/niches`, {
    method: 'POST',
    headers,
    body: JSON.stringify(niche),
  });
  expect(saved.status).toBe(201);
  const page = await openPage(`${server.url}/sourcing?tab=jobs`);
  await page.getByTestId('new-job').click();
  await page.fill('[name=job-name]', 'Two searches');
  await page.getByTestId('add-search').click();
  await page.getByTestId('job-search').nth(1).getByLabel('Looks for').selectOption({ label: 'Thin books' });
  await page.selectOption('[name=every]', 'week');
  await page.getByRole('button', { name: 'Saturday' }).click();
  await page.getByTestId('schedule-text').getByText('Friday, and Saturday').waitFor();
  await page.fill('[name=job-budget]', '120');
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'job-light');
  await page.getByTestId('save-job').click();
  await page.getByRole('heading', { name: 'Two searches' }).waitFor();
  const jobs = await (await fetch(`${server.url}/api/v1/sourcing/jobs`)).json();
  const { spec } = jobs.find((job: { name: string }) => job.name === 'Two searches');
  expect(spec.searches).toHaveLength(2);
  expect(spec.searches[1].niche_id).toBe((await saved.json()).id);
  expect(spec.schedule.cron).toBe('0 7 * * 1-6');
  expect(spec.budget).toEqual({ tokens: 120, mode: 'stop' });
  await closePage(page);
});
