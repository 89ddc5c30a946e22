// How pages look and what they are for whoever cannot see them: accessible, in French, on a telephone, in the dark.
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
    await ana.getByRole('button', { name: 'Follow' }).click();
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
  for (const path of ['/', '/directory', '/search', '/feeds', '/manage']) {
    await stage.go(ana, path);
    const text = await ana.locator('main').innerText();
    holds(!/\b(Search|Rooms?|Find|Words|Create|Nothing)\b/.test(text), `${path} is French: ${text.slice(0, 300)}`);
  }
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
