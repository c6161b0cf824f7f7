import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { barriers, closeBrowser, closePage, openPage, overflows, picture, Server } from './support';

const server = new Server({ GLEANER_NOTIFY_ALLOW: '127.0.0.0/8' });
const received: IncomingHttpHeaders[] = [];
let answer = 204;
const receiver = createServer((request, response) => {
  received.push(request.headers);
  request.resume().on('end', () => response.writeHead(answer).end());
});
let hook = '';

beforeAll(async () => {
  await server.start();
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});
afterAll(async () => {
  await closeBrowser();
  await server.remove();
  receiver.close();
});

const channels = async () => (await fetch(`${server.url}/api/v1/notifications/channels`)).json();

test('a channel is made, its secret shown once, tried, changed and removed', async () => {
  const page = await openPage(`${server.url}/system/notifications`);
  await page.getByText('Nobody is told yet').waitFor();
  await page.getByTestId('add-channel').click();
  await page.fill('[name=channel-name]', 'flow');
  await page.fill('[name=channel-target]', 'nonsense');
  await page.getByTestId('save-channel').click();
  await page.getByRole('dialog').getByRole('alert').waitFor();
  await page.fill('[name=channel-target]', hook);
  await page.selectOption('[name=channel-what]', 'some');
  expect(await page.getByTestId('save-channel').isDisabled()).toBe(true);
  for (const kind of ['job runs', 'picks', 'tokens', 'something is wrong']) {
    await page.getByLabel(kind, { exact: true }).click();
  }
  await page.getByLabel('Quiet hours').click();
  await page.fill('[name=channel-limit]', '0');
  await page.getByText('A whole number from 1 on').waitFor();
  await page.fill('[name=channel-limit]', '3');
  await page.fill('[name=channel-zone]', 'Europe/Paris');
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'channel-light');
  await page.getByTestId('save-channel').click();
  const secret = await page.getByTestId('secret').inputValue();
  expect(secret).toMatch(/^whsec_/);
  await page.getByRole('button', { name: 'I have kept it' }).click();
  const [made] = await channels();
  expect(made).toMatchObject({
    name: 'flow',
    target: hook,
    events: ['run', 'pick', 'tokens', 'alert.raised'],
    quiet_from: '22:00',
    quiet_until: '07:00',
    time_zone: 'Europe/Paris',
    daily_limit: 3,
  });
  await page.reload();
  const line = page.getByTestId('channel');
  await line.getByText('quiet 22:00–07:00 (Europe/Paris)').waitFor();
  expect(await page.content()).not.toContain(secret);
  await line.getByTestId('test-channel').click();
  await page.getByTestId('test-outcome').getByText('delivered').waitFor();
  expect(received.at(-1)?.['webhook-signature']).toMatch(/^v1,/);
  answer = 500;
  await line.getByTestId('test-channel').click();
  await page.getByTestId('test-outcome').getByText('the receiver answered 500').waitFor();
  await line.getByTestId('channel-log').click();
  const deliveries = page.getByTestId('delivery');
  await deliveries.filter({ hasText: 'failed' }).waitFor();
  expect(await deliveries.count()).toBe(2);
  expect(page.url()).toContain(made.id);
  await page.reload();
  await deliveries.first().waitFor();
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'channel-log-light');
  await page.keyboard.press('Escape');
  const menu = line.getByRole('button', { name: 'flow: More' });
  await menu.click();
  await page.getByRole('menuitem', { name: 'Switch off' }).click();
  await line.getByText('off', { exact: true }).waitFor();
  await menu.click();
  await page.getByRole('menuitem', { name: 'Change the channel' }).click();
  await page.fill('[name=channel-name]', 'stream');
  await page.getByTestId('save-channel').click();
  await page.getByTestId('secret').waitFor({ state: 'detached' });
  await line.getByText('stream').first().waitFor();
  expect((await channels())[0]).toMatchObject({ id: made.id, name: 'stream', enabled: false });
  await page.getByRole('button', { name: 'stream: More' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByTestId('confirm').click();
  await page.getByText('Nobody is told yet').waitFor();
  expect(await channels()).toEqual([]);
  await closePage(page);
});

test('the token of a topic is sent, and never shown', async () => {
  const page = await openPage(`${server.url}/system/notifications`, {
    colorScheme: 'dark',
    locale: 'fr-FR',
    viewport: { width: 375, height: 760 },
  });
  await page.getByTestId('add-channel').click();
  await page.fill('[name=channel-name]', 'téléphone');
  await page.selectOption('[name=channel-kind]', 'ntfy');
  await page.fill('[name=channel-target]', hook);
  await page.fill('[name=channel-token]', 'tk_secret');
  await page.selectOption('[name=channel-what]', 'some');
  await page.getByLabel('choix', { exact: true }).click();
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'channel-dark-375');
  await page.getByTestId('save-channel').click();
  await page.getByTestId('channel').waitFor();
  expect(JSON.stringify(await channels())).not.toContain('tk_secret');
  answer = 200;
  await page.getByTestId('test-channel').click();
  await page.getByTestId('test-outcome').getByText('livré').waitFor();
  expect(received.at(-1)?.authorization).toBe('Bearer tk_secret');
  expect(await overflows(page)).toBe(false);
  expect(await barriers(page)).toEqual([]);
  await picture(page, 'channels-dark-375');
  await closePage(page);
});
