import { afterAll, beforeAll, expect, test } from 'vitest';
import { barriers, closeBrowser, closePage, openPage, picture, Server, search } from './support';

const server = new Server();
const ACCOUNT = { username: 'kim', password: 'correct horse battery staple' };

beforeAll(async () => {
  await server.start();
  const made = await fetch(`${server.url}/api/v1/auth/setup`, {
    method: 'POST',
    body: JSON.stringify(ACCOUNT),
  });
  expect(made.status).toBe(200);
});
afterAll(async () => {
  await closeBrowser();
  await server.remove();
});

test('where there are accounts one logs in, and after the session has ended one is back where one was', async () => {
  const page = await openPage(`${server.url}/discover`);
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'log-in');
  await page.fill('[name=username]', ACCOUNT.username);
  await page.fill('[name=password]', 'not it');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').waitFor();
  const logIn = async () => {
    await page.fill('[name=username]', ACCOUNT.username);
    await page.fill('[name=password]', ACCOUNT.password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { name: 'Discover' }).waitFor();
  };
  await logIn();
  await search(page);
  await page.context().clearCookies();
  await page.reload();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  await logIn();
  expect(page.url()).toContain('bsr_min=10000');
  await page.locator('[data-testid=summary][data-took]').waitFor();
  await closePage(page);
});

test('a session that ends while the page is open asks to log in, and nothing else breaks', async () => {
  const page = await openPage(`${server.url}/discover`);
  await page.fill('[name=username]', ACCOUNT.username);
  await page.fill('[name=password]', ACCOUNT.password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByTestId('run').waitFor();
  await page.context().clearCookies();
  await page.keyboard.press('g');
  await page.keyboard.press('n');
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  await closePage(page);
});
