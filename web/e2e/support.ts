import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

const web = path.join(import.meta.dirname, '..');
const target = process.env.CARGO_TARGET_DIR ?? path.join(web, '..', 'target');

/** The built program. */
export const PROGRAM = process.env.GLEANER_BIN ?? path.join(target, 'release', 'gleaner');

/** Where pictures for people to look at go. */
export const PICTURES = path.join(web, 'screenshots');

/** A program that serves, in a home of its own with nothing of the caller's environment. */
export class Server {
  private child: ChildProcess | undefined;
  readonly home = mkdtempSync(path.join(tmpdir(), 'gleaner-web-'));
  url = '';

  constructor(private readonly variables: Record<string, string> = {}) {}

  /** Starts `gleaner serve`, the second time on the same address. */
  async start(): Promise<this> {
    const address = this.url ? new URL(this.url).host : '127.0.0.1:0';
    this.url = await this.run(['serve', '--listen', address]);
    return this;
  }

  /** Starts a Keepa of its own; its address. */
  async emulator(...options: string[]): Promise<string> {
    return this.run(['emulator', '--listen', '127.0.0.1:0', ...options]);
  }

  /** Runs a command on the same data, and waits for its end. */
  async command(...words: string[]): Promise<void> {
    await promisify(execFile)(PROGRAM, words, { cwd: this.home, env: this.environment() });
  }

  private environment() {
    return {
      PATH: process.env.PATH,
      HOME: this.home,
      XDG_DATA_HOME: path.join(this.home, 'data'),
      XDG_CONFIG_HOME: path.join(this.home, 'config'),
      LANG: 'C.UTF-8',
      GLEANER_DEMO_PRODUCTS: '20000',
      ...this.variables,
    };
  }

  private run(words: string[]): Promise<string> {
    const child = spawn(PROGRAM, words, {
      cwd: this.home,
      env: this.environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    let said = '';
    child.stderr.on('data', (data) => {
      said += data;
    });
    return new Promise((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        const url = /http:\/\/[\d.:]+/.exec(line)?.[0];
        if (url) resolve(url);
      });
      child.once('exit', (code) =>
        reject(new Error(`gleaner ${words.join(' ')} ended with ${code}: ${said}`)),
      );
    });
  }

  /** Stops it as a service manager would; what it keeps stays. */
  async stop(): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}

let browser: Browser | undefined;

/** The one browser of a test file. */
export async function openBrowser(): Promise<Browser> {
  browser ??= await chromium.launch({
    executablePath: process.env.GLEANER_BROWSER ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return browser;
}

export async function closeBrowser(): Promise<void> {
  await browser?.close();
  browser = undefined;
}

/** What a page complained about, and what it asked of other hosts: nothing is expected of either. */
export type Watched = Page & { complaints: string[]; foreign: string[] };

export async function openPage(url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await (await openBrowser()).newContext({
    viewport: { width: 1280, height: 860 },
    locale: 'en-US',
    colorScheme: 'light',
    ...options,
  });
  const page = (await context.newPage()) as Watched;
  page.complaints = [];
  page.foreign = [];
  page.on('pageerror', (error) => page.complaints.push(error.message));
  page.on('console', (message) => {
    // Refusals of the server that a test provokes are told by the browser too.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      page.complaints.push(message.text());
    }
  });
  const host = new URL(url).host;
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.protocol.startsWith('http') && asked.host !== host) page.foreign.push(request.url());
  });
  await page.goto(url);
  return page;
}

/** Closes a page, which must have been content. */
export async function closePage(page: Watched): Promise<void> {
  await page.context().close();
  expect(page.complaints).toEqual([]);
  expect(page.foreign).toEqual([]);
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds serious, each with the elements concerned. */
export async function barriers(page: Page): Promise<string[]> {
  // What is still fading in has other colours than it will have. What turns for ever is not waited for.
  await page.evaluate(async () => {
    const passing = document
      .getAnimations()
      .filter((animation) => animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(passing.map((animation) => animation.finished));
  });
  await page.evaluate(axe);
  // Evaluated in the browser, where axe is.
  const found = (await page.evaluate(
    "axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })",
  )) as {
    violations: { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] }[];
  };
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`),
    );
}

/** Whether the page is wider than the screen. */
export const overflows = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1);

export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: path.join(PICTURES, `${name}.png`) });
}

/** Searches with the filters as they stand, and waits for the answer. */
export async function search(page: Page): Promise<void> {
  await page.getByTestId('run').click();
  await page.locator('[data-testid=summary][data-took]').waitFor();
}
