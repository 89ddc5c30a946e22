// What people write to hurt others stays text: in messages, names, descriptions and topics.
import { equal, holds, say, sees, until } from './stage.mjs';

const CORPUS = [
  '<script>window.hurt=1</script>',
  '<img src=x onerror="window.hurt=1">',
  '<svg/onload=window.hurt=1>',
  '"><iframe src="javascript:window.hurt=1">',
  "';window.hurt=1;//",
  '<a href="javascript:window.hurt=1">x</a>',
  'javascript:window.hurt=1',
  'https://example.com/"onmouseover="window.hurt=1',
  '{{constructor.constructor("window.hurt=1")()}}',
  '${window.hurt=1}',
  '<math><mtext></form><form><mglyph><style></math><img src onerror=window.hurt=1>',
  '<!--<img src="--><img src=x onerror=window.hurt=1>">',
  '&lt;script&gt;window.hurt=1&lt;/script&gt;',
  '\u202Egnp.exe <b onclick=window.hurt=1>bold</b>',
];

export async function texts(stage) {
  const ana = await stage.person('ana');
  const bob = await stage.person('bob');
  await stage.enter(bob, 'Engineering');
  await bob.getByRole('button', { name: 'Follow' }).click();
  await stage.enter(ana, 'Engineering');
  for (const text of CORPUS) await say(ana, text);
  await until('all is said', () => bob.locator('article').count(), CORPUS.length);
  equal(await bob.locator('article .words').evaluateAll((all) => all.map((one) => one.textContent)), CORPUS, 'every text is what was written');
  const links = await bob.locator('article a[target=_blank]').evaluateAll((all) => all.map((one) => one.href));
  equal(links, ['https://example.com/'], 'only what is safe is a link');
  for (const name of ['<img src=x onerror=window.hurt=1>', '"><svg onload=window.hurt=1>']) {
    await stage.go(ana, '/manage/new');
    await ana.getByLabel('Name').fill(name);
    await ana.getByLabel('Description').fill(CORPUS[1]);
    await ana.getByLabel('Category').selectOption('General');
    await ana.getByLabel('Privacy').selectOption('open');
    await ana.getByRole('button', { name: 'Preview the change' }).click();
    await ana.getByRole('button', { name: 'Create room' }).click();
    await ana.getByRole('heading', { name: `Manage ${name}` }).waitFor();
  }
  await stage.go(bob, '/directory');
  await bob.locator('li.card', { hasText: '<svg onload' }).waitFor();
  await bob.getByRole('link', { name: '<img src=x' }).click();
  await bob.getByRole('heading', { level: 1 }).filter({ hasText: '<img src=x' }).waitFor();
  await stage.go(bob, `/search?q=${encodeURIComponent('window')}`);
  await until('they are found', async () => (await bob.locator('section li').count()) > 5, true);
  await stage.go(bob, '/feeds');
  await bob.getByRole('button', { name: 'New feed' }).click();
  await bob.getByLabel('Name').fill(CORPUS[1]);
  await bob.getByLabel('Words').fill('onerror');
  await bob.getByRole('button', { name: 'Save' }).click();
  await bob.locator('section li.card').first().waitFor();
  for (const page of [ana, bob]) {
    equal(await page.evaluate(() => window.hurt ?? null), null, 'nothing was run');
    equal(await page.locator('iframe, object, embed, script:not([src])').count(), 0, 'nothing was put into the page');
  }
  const held = await bob.evaluate(() => {
    try {
      document.body.insertAdjacentHTML('beforeend', '<b>x</b>');
      return 'a text became markup';
    } catch (error) {
      return error.name;
    }
  });
  equal(held, 'TypeError', 'Trusted Types hold');
  // That is said on the console, too.
  stage.faults = stage.faults.filter((fault) => !fault.includes("requires 'TrustedHTML' assignment"));
}
