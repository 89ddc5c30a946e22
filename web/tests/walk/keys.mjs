// What a person does who has nothing but a keyboard: no story is here, and no click.
// Whatever takes the focus on the way must show it, and must have a name.
import { PASSWORD, until } from './stage.mjs';

const STEPS_MAX = 160;

/** What has the focus: what it is called, and whether it can be seen that it has it. */
function focused(page) {
  return page.evaluate(() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const text = (ids) => ids?.split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
    const name = one.getAttribute('aria-label') ?? text(one.getAttribute('aria-labelledby')) ?? one.labels?.[0]?.textContent ?? one.textContent;
    const drawn = (style) => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
    const around = one.closest('form:focus-within');
    const seen = drawn(getComputedStyle(one)) || (around !== null && drawn(getComputedStyle(around)));
    const box = one.getBoundingClientRect();
    const place = `${one.tagName.toLowerCase()}.${one.className}`;
    return { name: name.trim().replace(/\s+/g, ' '), seen: seen && box.width > 0 && box.height > 0, place };
  });
}

/** Presses Tab until something of this name has the focus; no key when it has it already. */
export async function tabTo(page, name, key = 'Tab') {
  const passed = [];
  for (let steps = 0; steps < STEPS_MAX; steps += 1) {
    if (steps > 0) await page.keyboard.press(key);
    const here = await focused(page);
    if (!here) continue;
    if (here.name.startsWith(name)) {
      if (!here.seen) throw new Error(`it cannot be seen that '${here.name}' has the focus: ${here.place}`);
      return;
    }
    if (steps === 0) continue;
    if (here.name === '') throw new Error(`on the way to ${name} there is something without a name: ${here.place}`);
    if (!here.seen) throw new Error(`it cannot be seen that '${here.name}' has the focus: ${here.place}`);
    passed.push(here.name.slice(0, 30));
  }
  throw new Error(`nothing called ${name} is reached by ${key}, only ${[...new Set(passed)].join(', ')}`);
}

/** Goes to something by Tab and does what it is there for. */
export async function press(page, name, key = 'Enter') {
  await tabTo(page, name);
  await page.keyboard.press(key);
}

/** Goes on to a part of the page by F6. */
export async function region(page, selector) {
  for (let steps = 0; steps < 12; steps += 1) {
    await page.keyboard.press('F6');
    if (await page.evaluate((wanted) => document.querySelector(wanted)?.contains(document.activeElement), selector)) return;
  }
  throw new Error(`F6 does not reach ${selector}`);
}

/** Fills fields in their order, each reached by Tab. */
export async function fill(page, fields) {
  for (const [label, value] of Object.entries(fields)) {
    await tabTo(page, label);
    await page.keyboard.type(value);
  }
}

/** Where the focus is by itself, without a key. */
export async function lands(page, what, selector) {
  const here = () => page.evaluate((wanted) => (document.activeElement?.matches(wanted) ? wanted : document.activeElement?.outerHTML.slice(0, 120)), selector);
  await until(what, here, selector);
}

/** Somebody who signs in by keyboard. */
export async function signIn(stage, who) {
  const page = await stage.page();
  await page.goto(`${stage.url}/`);
  await page.locator('#address').waitFor();
  await fill(page, { Address: `${who}@example.com`, Password: PASSWORD });
  await page.keyboard.press('Enter');
  await page.locator('nav.rooms').waitFor();
  return page;
}

/** Goes to a room through the directory. */
export async function join(page, room) {
  await press(page, 'Find rooms');
  await page.getByRole('link', { name: room, exact: true }).first().waitFor();
  await tabTo(page, 'Name or words of a room');
  await press(page, room);
  await page.getByRole('heading', { level: 1, name: room }).waitFor();
  await lands(page, 'one writes at once', 'form textarea');
}

/** Says something in the room on the screen. */
export async function type(page, text) {
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}
