// How pages look and what they are for whoever cannot see them: accessible, in French, on a telephone, in the dark.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { composer, equal, holds, PASSWORD, say, sees, until } from './stage.mjs';

export async function accessible(stage) {
  const page = await stage.page();
  await page.goto(`${stage.url}/`);
  await page.locator('#address').waitFor();
  await stage.accessible(page, 'signing in');
  for (const colorScheme of ['light', 'dark']) {
    const ana = await stage.person('ana', { colorScheme });
    await stage.enter(ana, 'Engineering');
    await say(ana, 'something @ana with https://example.com/');
    await sees(ana, 'something');
    // Who follows a room follows it in every browser: the second time there is nothing to press.
    if (colorScheme === 'light') await ana.getByRole('button', { name: 'Follow', exact: true }).click();
    await until('it is followed', () => ana.locator('nav.rooms a').count(), 1);
    await stage.accessible(ana, `a room, ${colorScheme}`);
    await stage.shot(ana, `room-${colorScheme}`);
    await ana.keyboard.press('Control+k');
    await ana.getByRole('dialog').waitFor();
    await stage.accessible(ana, `the switcher, ${colorScheme}`);
    await ana.keyboard.press('Escape');
    await ana.getByRole('button', { name: 'Settings' }).click();
    await stage.accessible(ana, `the settings, ${colorScheme}`);
    await ana.keyboard.press('Escape');
    for (const path of ['/', '/directory', '/search?q=something', '/feeds', '/manage', '/manage/new']) {
      await stage.go(ana, path);
      await until(`${path} is there`, () => ana.locator('[aria-busy=true]').count(), 0);
      await stage.accessible(ana, `${path}, ${colorScheme}`);
    }
    await ana.context().close();
  }
}

export async function french(stage) {
  const ana = await stage.page({ locale: 'fr-FR' });
  await ana.goto(`${stage.url}/`);
  await ana.getByRole('heading', { name: 'Connexion' }).waitFor();
  equal(await ana.locator('html').getAttribute('lang'), 'fr', 'the page says its language');
  await ana.locator('#address').fill('ana@example.com');
  await ana.locator('#password').fill(PASSWORD);
  await ana.keyboard.press('Enter');
  await ana.getByRole('link', { name: 'Trouver des salons' }).first().click();
  await ana.getByRole('link', { name: 'Engineering' }).click();
  await ana.getByPlaceholder('Message à Engineering').fill('Bonjour à tous');
  await ana.keyboard.press('Enter');
  await sees(ana, 'Bonjour à tous');
  await stage.shot(ana, 'french');
  const english = onlyEnglish();
  await isFrench(ana, 'a room', english);
  await ana.getByRole('button', { name: 'Réglages' }).click();
  await isFrench(ana, 'the settings', english);
  await ana.keyboard.press('Escape');
  for (const path of ['/', '/directory', '/search?q=Bonjour', '/feeds', '/manage', '/manage/new']) {
    await stage.go(ana, path);
    await until(`${path} is there`, () => ana.locator('[aria-busy=true]').count(), 0);
    await isFrench(ana, path, english);
  }
  await ana.getByRole('button', { name: 'Prévisualiser' }).click();
  await ana.getByRole('alert').waitFor();
  await isFrench(ana, 'a form that is not filled in', english);
  const root = await stage.person('root', { locale: 'fr-FR' });
  for (const path of ['', 'users', 'roles', 'groups', 'policies', 'categories', 'rooms', 'addIns', 'configurations', 'audit', 'tokens', 'messages', 'explain', 'reports', 'imports']) {
    await stage.go(root, `/admin/${path}`.replace(/\/$/, ''));
    await root.locator('#panel-title').waitFor();
    await until(`${path} is there`, () => root.locator('[aria-busy=true]').count(), 0);
    await isFrench(root, `the page ${path || 'overview'}`, english);
    const button = root.locator('.bar button.primary');
    if ((await button.count()) === 0) continue;
    await button.click();
    await root.getByRole('dialog').locator('form').waitFor();
    await isFrench(root, `what is made on the page ${path}`, english);
    await root.keyboard.press('Escape');
  }
  await stage.go(root, '/admin/users');
  await refused(root);
}

/** Refusals are French; the server's own words about a value stand behind one, and are marked as English. */
async function refused(root) {
  const preview = () => root.getByRole('dialog').getByRole('button', { name: 'Prévisualiser' }).click();
  const told = (text) => until(text, () => root.getByRole('dialog').getByRole('alert').allInnerTexts(), [text]);
  await root.getByRole('button', { name: 'Nouvel utilisateur' }).click();
  await root.locator('#field-userNew-address').fill('nobody nowhere');
  await root.locator('#field-userNew-displayName').fill('Personne');
  await preview();
  const alert = root.getByRole('dialog').getByRole('alert');
  await alert.filter({ hasText: /^Cette valeur ne convient pas : l’aide du champ dit ce qui convient\. 'nobody nowhere'/ }).waitFor();
  equal((await alert.locator('[lang=en]').innerText()).split(' is ')[0], "'nobody nowhere'", 'which value is meant is not lost');
  await root.keyboard.press('Escape');
  await root.getByRole('button', { name: 'bob', exact: true }).click();
  await root.getByRole('dialog').locator('form').waitFor();
  await preview();
  await told('Rien n’est encore modifié.');
}

/** What the page says in English, and not in French: texts of ours, and sentences of the API's document. */
function onlyEnglish() {
  const read = (name) => JSON.parse(readFileSync(fileURLToPath(new URL(`../../src/i18n/${name}.json`, import.meta.url)), 'utf8'));
  const french = new Set(Object.values(read('fr')));
  const texts = Object.values(read('en')).filter((text) => !text.includes('{'));
  return [...texts, ...Object.keys(read('hints.fr'))].filter((text) => !french.has(text));
}

/** Nothing that is seen or read out is English: neither a text nor what an attribute says. */
async function isFrench(page, what, english) {
  const left = await page.evaluate((all) => {
    const known = new Set(all);
    const said = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) said.push(walker.currentNode.textContent);
    for (const name of ['aria-label', 'placeholder', 'title']) {
      for (const one of document.querySelectorAll(`[${name}]`)) said.push(one.getAttribute(name));
    }
    return said.map((text) => text.trim()).filter((text) => known.has(text));
  }, english);
  equal(left, [], `${what} is French`);
}

export async function nowhere(stage) {
  const ana = await stage.person('ana');
  for (const path of ['/nonsense', '/room', '/directory/nothing']) {
    const answer = await ana.goto(stage.url + path);
    equal(answer.status(), 404, `${path} is not there`);
    await ana.getByRole('heading', { name: 'There is no such page.' }).waitFor();
  }
  await stage.accessible(ana, 'a page that is not there');
  await ana.getByRole('link', { name: 'To the start' }).click();
  await ana.getByRole('heading', { name: 'Hello, ana' }).waitFor();
  await stage.go(ana, '/admin/users');
  await ana.getByText('Only administrators have the control panel.').waitFor();
  equal(await ana.locator('.panel').count(), 0, 'and nothing of it is shown');
  await stage.accessible(ana, 'the control panel of others');
}

export async function small(stage) {
  const ana = await stage.person('ana', { viewport: { width: 360, height: 640 }, hasTouch: true });
  const wide = () => ana.evaluate(() => document.documentElement.scrollWidth);
  await ana.getByRole('button', { name: 'Open the list of rooms' }).click();
  await ana.getByRole('link', { name: 'Find rooms' }).first().click();
  await ana.getByRole('link', { name: 'Engineering' }).click();
  await composer(ana).waitFor();
  await say(ana, 'from a telephone, with a long-word-'.concat('x'.repeat(80)));
  await sees(ana, 'from a telephone');
  equal(await wide(), 360, 'a room fits');
  await ana.getByLabel('Notify me of').selectOption('none');
  await stage.shot(ana, 'small-room');
  await stage.accessible(ana, 'a room on a telephone');
  await ana.getByRole('button', { name: 'Open the list of rooms' }).click();
  await stage.shot(ana, 'small-list');
  for (const path of ['/', '/directory', '/search', '/feeds', '/manage', '/manage/new']) {
    await stage.go(ana, path);
    equal(await wide(), 360, `${path} fits`);
  }
  const root = await stage.person('root', { viewport: { width: 360, height: 640 } });
  for (const path of ['/admin', '/admin/users', '/admin/rooms', '/admin/messages']) {
    await stage.go(root, path);
    equal(await root.evaluate(() => document.documentElement.scrollWidth), 360, `${path} fits`);
  }
}
