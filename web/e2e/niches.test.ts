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

test('a search is saved as a niche, run, and run again with what changed', async () => {
  const page = await openPage(`${server.url}/discover`);
  await search(page);
  await page.getByTestId('save-niche').click();
  await page.fill('[name=niche-name]', 'Books that move');
  await page.getByTestId('save-niche-confirm').click();
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('dialog', { name: 'Books that move' }).waitFor();
  await page.getByTestId('run-niche').click();
  await page.getByTestId('niche-result').waitFor();
  await page.getByText('The first run').waitFor();
  await page.getByTestId('run-niche').click();
  await page.getByTestId('comparison').waitFor();
  expect(await page.getByTestId('comparison').textContent()).toMatch(/\d+ unchanged/);
  await closePage(page);
});

test('a template becomes a niche', async () => {
  const page = await openPage(`${server.url}/niches`);
  await page.getByTestId('templates').first().click();
  await page
    .getByRole('button', { name: /^Use the template/ })
    .first()
    .click();
  await page.getByTestId('run-niche').waitFor();
  expect(page.url()).toContain('niche=');
  await closePage(page);
});

test('a category that was given by name is that category in the form, and stays it', async () => {
  const filters = { marketplace: 'us', category: 'Toys & Games', bsr_min: 1000, bsr_max: 9000 };
  const saved = await fetch(`${server.url}/api/v1/niches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Toys that sell', filters }),
  });
  const { id } = await saved.json();
  const page = await openPage(`${server.url}/niches?niche=${id}`);
  const drawer = page.getByRole('dialog', { name: 'Toys that sell' });
  await drawer.getByRole('button', { name: 'Edit' }).click();
  const form = page.getByRole('dialog', { name: 'Edit' });
  await form.getByTestId('category').getByText('Toys & Games').waitFor();
  await form.getByLabel('Worst rank').fill('8000');
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByText('“Toys that sell” changed').first().waitFor();
  const now = await (await fetch(`${server.url}/api/v1/niches/${id}`)).json();
  expect(now.filters).toMatchObject({ category: 'Toys & Games', bsr_max: 8000 });
  await closePage(page);
});

test('two runs are chosen and compared, and the yield is drawn', async () => {
  const filters = { marketplace: 'us', category: 283155, bsr_min: 20_000, bsr_max: 30_000, limit: 20 };
  const post = async (path: string, body: unknown) =>
    (
      await fetch(server.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    ).json();
  const { id } = await post('/api/v1/niches', { name: 'Three runs', filters });
  const runs: string[] = [];
  for (let run = 0; run < 3; run += 1) runs.push((await post(`/api/v1/niches/${id}/run`, {})).run.id);
  const page = await openPage(`${server.url}/niches?niche=${id}`);
  await page.getByTestId('comparison').waitFor();
  await page.locator('[name=compare-from]').selectOption(runs[0] ?? '');
  const query = `from=${runs[0]}&to=${runs[2]}`;
  const compared = await (await fetch(`${server.url}/api/v1/niches/${id}/runs/compare?${query}`)).json();
  expect(compared.from.id).toBe(runs[0]);
  await page.getByTestId('comparison').getByText(`${compared.unchanged} unchanged`).waitFor();
  await page.locator('.uplot').waitFor();
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'niche-light');
  await page.setViewportSize({ width: 375, height: 760 });
  expect(await overflows(page)).toBe(false);
  await picture(page, 'niche-light-375');
  await closePage(page);
});

test('niches go to a file and come back from it', async () => {
  const page = await openPage(`${server.url}/niches`);
  await page.getByRole('heading', { name: 'Three runs' }).waitFor();
  const file = page.waitForEvent('download');
  await page.getByTestId('niche-files').click();
  await page.getByRole('menuitem', { name: 'Export to a file' }).click();
  const path = await (await file).path();
  const { id } = (await (await fetch(`${server.url}/api/v1/niches`)).json()).find(
    (niche: { name: string }) => niche.name === 'Three runs',
  );
  await fetch(`${server.url}/api/v1/niches/${id}`, { method: 'DELETE' });
  await page.setInputFiles('input[type=file]', path);
  await page
    .getByText(/^1 new, \d+ were there already$/)
    .first()
    .waitFor();
  await page.getByRole('heading', { name: 'Three runs' }).waitFor();
  await page.setInputFiles('input[type=file]', {
    name: 'wrong.json',
    mimeType: 'application/json',
    buffer: Buffer.from('{"niches": 7}'),
  });
  await page.getByText('This is no file of niches').first().waitFor();
  await closePage(page);
});
