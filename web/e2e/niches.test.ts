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
