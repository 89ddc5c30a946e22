// What the walks share: a browser, people at pages of their own, what must never happen on any page.
// The server is started by whoever starts a walk; what it must do in between is asked for by a line, and answered by one.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const PASSWORD = 'correct horse 9';
const SHOTS = fileURLToPath(new URL('../shots/', import.meta.url));
const AXE = readFileSync(fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url)), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** What the console says of requests that are meant to be refused. */
const EXPECTED = /Failed to load resource: (the server responded with a status of|net::ERR_)|WebSocket connection to/;

export class Stage {
  constructor(browser, url) {
    this.browser = browser;
    this.url = url;
    this.faults = [];
    this.lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  }

  static async open(url) {
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
    return new Stage(browser, url);
  }

  /** A page in a browser of its own, where nobody has signed in. */
  async page(options = {}) {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', reducedMotion: 'reduce', ...options });
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    page.on('pageerror', (error) => this.faults.push(`${page.url()}: ${error.stack}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !EXPECTED.test(message.text())) this.faults.push(`${page.url()}: ${message.text()}`);
    });
    page.on('dialog', (dialog) => {
      this.faults.push(`${page.url()}: a dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(this.url) && !/^(data|blob):/.test(request.url())) this.faults.push(`asked for ${request.url()}`);
    });
    return page;
  }

  /** Somebody who has signed in. */
  async person(who, options = {}) {
    const page = await this.page(options);
    await this.signIn(page, who);
    return page;
  }

  async signIn(page, who) {
    await page.goto(`${this.url}/`);
    await page.locator('#address').fill(`${who}@example.com`);
    await page.locator('#password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('nav.rooms').waitFor({ state: 'attached' });
  }

  async go(page, path) {
    await page.goto(this.url + path);
    await page.locator('main').waitFor();
  }

  /** Goes to a room through the directory. */
  async enter(page, room) {
    await this.go(page, '/directory');
    await page.getByRole('link', { name: room, exact: true }).first().click();
    await page.getByRole('heading', { level: 1, name: room }).waitFor();
    await page.getByRole('textbox').or(page.getByRole('combobox')).first().waitFor();
  }

  /** Asks whoever started the walk for something, and waits until it is done; gives what it says. */
  async ask(what) {
    console.log(`ask ${what}`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error('nobody answers');
    return value;
  }

  async shot(page, name) {
    await page.screenshot({ path: `${SHOTS}${name}.png` });
  }

  /** The page as axe sees it: nothing is wrong with it. */
  async accessible(page, name) {
    // A page that is still being fetched has no heading yet.
    await page.locator('h1').first().waitFor({ state: 'attached' });
    await page.evaluate(AXE);
    const found = await page.evaluate((tags) => globalThis.axe.run({ runOnly: { type: 'tag', values: tags } }), RULES);
    const wrong = found.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join(' | ')}`);
    equal(wrong, [], `${name} is accessible`);
  }

  async close() {
    await this.browser.close();
    equal(this.faults, [], 'no page did what none may');
  }
}

/** The texts of a room as they are on the screen, in their order. */
export function texts(page) {
  return page.locator('article .words').allInnerTexts();
}

/** Says something in the room on the screen. */
export async function say(page, text) {
  await composer(page).fill(text);
  await page.keyboard.press('Enter');
}

export function composer(page) {
  return page.locator('form textarea');
}

/** Waits until a text of a post is on the screen. */
export async function sees(page, text) {
  await page.locator('article .words', { hasText: text }).first().waitFor();
}

/** Waits until a value is what it should be. */
export async function until(what, read, wanted) {
  const end = Date.now() + 20_000;
  for (;;) {
    const value = await read();
    if (JSON.stringify(value) === JSON.stringify(wanted)) return;
    if (Date.now() > end) throw new Error(`${what}: ${JSON.stringify(value)} instead of ${JSON.stringify(wanted)}`);
    await new Promise((next) => setTimeout(next, 25));
  }
}

export function equal(value, wanted, what) {
  if (JSON.stringify(value) !== JSON.stringify(wanted)) throw new Error(`${what}: ${JSON.stringify(value, null, 1)} instead of ${JSON.stringify(wanted)}`);
}

export function holds(true_, what) {
  if (!true_) throw new Error(`not so: ${what}`);
}
