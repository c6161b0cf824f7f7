import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  barriers,
  closeBrowser,
  closePage,
  openPage,
  picture,
  Server,
  search,
  type Watched,
} from './support';

const server = new Server();
const PASSWORD = 'correct horse battery staple';

beforeAll(async () => {
  await server.start();
});
afterAll(async () => {
  await closeBrowser();
  await server.remove();
});

async function logIn(page: Watched, username: string) {
  await page.fill('[name=username]', username);
  await page.fill('[name=password]', PASSWORD);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByTestId('account').waitFor();
}

test('who comes through a proxy before there is an account is told what to do at the server', async () => {
  const page = await openPage(`${server.url}/setup`, {
    extraHTTPHeaders: { 'x-forwarded-for': '192.0.2.1' },
  });
  await page.getByRole('heading', { name: 'One step at the server first' }).waitFor();
  await page.getByText('gleaner users add NAME').waitFor();
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'no-accounts');
  await page.goto(server.url);
  await page.getByRole('heading', { name: 'One step at the server first' }).waitFor();
  await closePage(page);
});

test('the first account is made in the browser, and from then on everybody logs in', async () => {
  const page = await openPage(`${server.url}/system/users`);
  await page.getByRole('link', { name: 'Make the first account' }).click();
  await page.waitForURL('**/setup');
  const make = page.getByTestId('set-up');
  await page.fill('[name=username]', 'anna');
  await page.fill('[name=password]', PASSWORD);
  await page.fill('[name=password-again]', 'another');
  await page.getByText('Not the same').waitFor();
  expect(await make.isDisabled()).toBe(true);
  await page.fill('[name=password-again]', PASSWORD);
  await make.click();
  await page.getByTestId('user').getByText('anna').waitFor();
  const stranger = await openPage(server.url);
  await stranger.getByRole('heading', { name: 'Log in' }).waitFor();
  await stranger.goto(`${server.url}/setup`);
  await stranger.getByRole('heading', { name: 'Log in' }).waitFor();
  await closePage(stranger);
  await page.goto(`${server.url}/setup`);
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  await closePage(page);
});

test('an administrator adds people, changes what they may do, and shuts them out', async () => {
  const page = await openPage(`${server.url}/system/users`);
  await logIn(page, 'anna');
  for (const [name, role] of [
    ['vic', 'viewer'],
    ['mel', 'member'],
  ] as const) {
    await page.getByTestId('add-user').click();
    await page.fill('[name=username]', name);
    await page.fill('[name=password]', PASSWORD);
    await page.getByRole('dialog').getByLabel('Role').selectOption(role);
    await page.getByTestId('add-user-confirm').click();
    await page.getByTestId('user').getByText(name).waitFor();
  }
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'users');
  // The only administrator stays one.
  await page.getByLabel('anna: Role').selectOption('viewer');
  await page.getByText('this is the only administrator').first().waitFor();
  await expect.poll(() => page.getByLabel('anna: Role').inputValue()).toBe('admin');
  const shutOut = async (item: string) => {
    await page.getByRole('button', { name: 'mel: More' }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  await shutOut('Disable');
  await page.getByTestId('user').filter({ hasText: 'mel' }).getByText('disabled').waitFor();
  await shutOut('Let in again');
  await page.getByText('disabled').waitFor({ state: 'detached' });
  await page.goto(`${server.url}/system/audit`);
  await page.getByTestId('audit-row').filter({ hasText: 'let an account in again' }).waitFor();
  await picture(page, 'audit');
  await closePage(page);
});

test('an API token is shown once, comes in, and is refused once it is revoked', async () => {
  const page = await openPage(`${server.url}/system/tokens`);
  await logIn(page, 'vic');
  await page.getByTestId('create-token').click();
  await page.fill('[name=token-name]', 'nightly');
  // Never more than one's own role.
  expect(await page.locator('[name=token-scope] option').allTextContents()).toEqual(['Viewer']);
  await page.getByTestId('create-token-confirm').click();
  const secret = await page.getByTestId('secret').inputValue();
  expect(secret).toMatch(/^gleaner_/);
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'token-once');
  const ask = () => fetch(`${server.url}/api/v1/tokens`, { headers: { authorization: `Bearer ${secret}` } });
  expect((await ask()).status).toBe(200);
  await page.getByRole('button', { name: 'I have kept it' }).click();
  const token = page.getByTestId('api-token').filter({ hasText: 'nightly' });
  await token.waitFor();
  expect(await page.content()).not.toContain(secret);
  await token.getByTestId('revoke').click();
  await page.getByTestId('confirm').click();
  await token.waitFor({ state: 'detached' });
  expect((await ask()).status).toBe(401);
  await closePage(page);
});

test('a viewer is offered nothing that a viewer may not do, and is told why', async () => {
  const admin = await openPage(`${server.url}/discover`);
  await logIn(admin, 'anna');
  await search(admin);
  const found = admin.url();
  await closePage(admin);

  const page = await openPage(found);
  const refused: string[] = [];
  page.on('response', (answer) => {
    if (answer.status() === 403) refused.push(`${answer.request().method()} ${answer.url()}`);
  });
  await logIn(page, 'vic');
  const enabled = (name: string) =>
    page.getByRole('button', { name, exact: true }).and(page.locator(':enabled'));
  await page.getByTestId('look-only').getByText('needs the role Member').waitFor();
  expect(await page.getByTestId('run').isDisabled()).toBe(true);
  expect(await page.getByTestId('save-niche').isDisabled()).toBe(true);
  const asin = await page.evaluate(async () => {
    const answer = await fetch('/api/v1/cache/entries?cache=scoring&limit=1');
    return (await answer.json()).entries[0].asin;
  });
  await page.goto(`${server.url}/discover?asin=${encodeURIComponent(JSON.stringify(asin))}`);
  await page.getByTestId('waterfall').waitFor();
  await page.goto(`${server.url}/niches`);
  await page.getByTestId('look-only').waitFor();
  await page.goto(`${server.url}/sourcing?tab=jobs`);
  await page.getByTestId('look-only').waitFor();
  expect(await page.getByTestId('new-job').isDisabled()).toBe(true);
  await page.goto(`${server.url}/rules`);
  await page.getByTestId('look-only').getByText('needs the role Administrator').waitFor();
  await page.fill('[name="buy.velocity"]', '71');
  await page.getByText('1 change').waitFor();
  expect(await page.getByTestId('preview').isDisabled()).toBe(true);
  expect(await page.getByTestId('save-rules').isDisabled()).toBe(true);
  await page.goto(`${server.url}/system/caches`);
  await page.getByTestId('purge').waitFor();
  expect(await enabled('Remove expired').count()).toBe(0);
  expect(await enabled('Empty').count()).toBe(0);
  const parts = await page.getByRole('navigation', { name: 'System' }).getByRole('link').allTextContents();
  expect(parts).toEqual(['Caches', 'Alerts', 'Fee cards', 'API tokens', 'About']);
  await page.goto(`${server.url}/system/users`);
  await page.getByText('For administrators').waitFor();
  await page.goto(`${server.url}/system/database`);
  await page.getByText('For administrators').waitFor();
  // Nothing that was shown asked for what is refused.
  expect(refused).toEqual([]);
  await picture(page, 'viewer');
  await closePage(page);
});

test('somebody changes their password and logs in with the new one', async () => {
  const page = await openPage(`${server.url}/system/about`);
  await logIn(page, 'mel');
  await page.getByTestId('change-password').click();
  await page.fill('[name=current-password]', 'not this');
  await page.fill('[name=new-password]', 'a new one that is long');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('is not the password in use').first().waitFor();
  await page.fill('[name=current-password]', PASSWORD);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The password is changed').first().waitFor();
  await page.getByTestId('account').click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  await page.fill('[name=username]', 'mel');
  await page.fill('[name=password]', 'a new one that is long');
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByTestId('account').waitFor();
  await closePage(page);
});

test('whoever the identity provider could not let in is told so, and is home after logging in', async () => {
  const page = await openPage(`${server.url}/login?error=not_invited`);
  await page.getByRole('alert').getByText('Logging in with your organisation did not work.').waitFor();
  await logIn(page, 'anna');
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  await closePage(page);
});

test('the history tells an administrator who searched, and anybody else only their own name', async () => {
  const admin = await openPage(`${server.url}/discover`);
  await logIn(admin, 'anna');
  const headers = {
    'x-csrf-token': (await (await admin.request.get(`${server.url}/api/v1/auth/session`)).json()).csrf_token,
  };
  const made = await admin.request.post(`${server.url}/api/v1/users`, {
    headers,
    data: { username: 'sam', password: PASSWORD, role: 'member' },
  });
  expect(made.status()).toBe(201);
  await search(admin);
  const page = await openPage(`${server.url}/discover`);
  await logIn(page, 'sam');
  await search(page);
  const rows = (who: Watched, name: string) => who.getByRole('row').filter({ hasText: name });
  await admin.goto(`${server.url}/history`);
  await rows(admin, 'sam').first().waitFor();
  await rows(admin, 'anna').first().waitFor();
  await page.goto(`${server.url}/history`);
  await rows(page, 'sam').first().waitFor();
  expect(await rows(page, 'anna').count()).toBe(0);
  await closePage(page);
  await closePage(admin);
});
