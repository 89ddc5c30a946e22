// Stories of people who chat: signing in, joining, hearing each other, unread counts, a feed, a search.
import { composer, equal, holds, PASSWORD, say, sees, texts, until } from './stage.mjs';

export async function two(stage) {
  const page = await stage.page();
  await page.goto(`${stage.url}/`);
  await stage.shot(page, 'sign-in');
  await page.locator('#address').fill('ana@example.com');
  await page.locator('#password').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  equal(await page.locator('#address').inputValue(), 'ana@example.com', 'what was typed stays');
  await page.locator('#password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  const ana = page;
  await ana.locator('nav.rooms').waitFor();
  const bob = await stage.person('bob');
  await stage.enter(ana, 'Engineering');
  await stage.enter(bob, 'Engineering');
  await until('who is there', () => ana.locator('.body aside li').count(), 2);
  await say(ana, 'Hello Bob, see https://example.com/plan.');
  await sees(bob, 'Hello Bob');
  await say(bob, 'Hello @ana');
  await sees(ana, 'Hello @ana');
  equal(await ana.locator('.mention.me').count(), 1, 'a mention is seen');
  equal(await bob.locator('article a[target=_blank]').getAttribute('rel'), 'noopener noreferrer', 'a link tells nothing');
  for (let number = 0; number < 10; number += 1) {
    await say(ana, `ana ${number}`);
    await say(bob, `bob ${number}`);
  }
  await sees(ana, 'bob 9');
  await sees(bob, 'ana 9');
  await until('all is sent', () => ana.locator('[data-pending]').count(), 0);
  await until('one order', async () => (await texts(ana)).length, 22);
  equal(await texts(ana), await texts(bob), 'both see one order');
  await stage.shot(ana, 'room');
  await bob.getByRole('button', { name: 'Sign out' }).click();
  await bob.locator('#address').waitFor();
}

export async function unread(stage) {
  const ana = await stage.person('ana');
  const bob = await stage.person('bob');
  await stage.enter(bob, 'Engineering');
  await say(bob, 'first');
  await stage.enter(ana, 'Engineering');
  const star = ana.locator('.room > header button[aria-pressed] svg').first();
  equal(await star.getAttribute('fill'), 'none', 'a star is empty');
  await ana.getByRole('button', { name: 'Follow' }).click();
  await until('until the room is followed', () => star.getAttribute('fill'), 'currentColor');
  await sees(ana, 'first');
  await until('it is read', () => ana.locator('nav.rooms .count').count(), 0);
  await stage.go(ana, '/');
  const entry = ana.locator('nav.rooms a', { hasText: 'Engineering' });
  await say(bob, 'second');
  await say(bob, 'third, @ana');
  await until('two are unread', () => entry.locator('.count').last().innerText().then((text) => text.slice(0, 1)), '2');
  await until('one names her', () => entry.locator('.mention').innerText().then((text) => text.slice(0, 2)), '@1');
  await ana.reload();
  await until('two are unread after a reload', () => entry.locator('.count').last().innerText().then((text) => text.slice(0, 1)), '2');
  await until('one names her after a reload', () => entry.locator('.mention').innerText().then((text) => text.slice(0, 2)), '@1');
  await entry.click();
  await sees(ana, 'third');
  equal(await ana.locator('.line.new').count(), 1, 'a line stands before what is new');
  await until('all is read', () => entry.locator('.count').count(), 0);
  await ana.reload();
  await sees(ana, 'third');
  equal(await entry.locator('.count').count(), 0, 'it stays read');
}

export async function end(stage) {
  const ana = await stage.person('ana');
  const bob = await stage.person('bob');
  await stage.enter(ana, 'Engineering');
  const long = 'The pump of line two was taken out of service, looked at, cleaned and put back. '.repeat(5);
  for (let number = 0; number < 24; number += 1) await say(ana, `${number}: ${long}`);
  await until('all is sent', () => ana.locator('[data-pending]').count(), 0);
  const below = (page) => page.locator('.frame').evaluate((frame) => Math.round(frame.scrollHeight - frame.scrollTop - frame.clientHeight));
  for (const width of [1280, 360]) {
    await bob.setViewportSize({ width, height: 700 });
    await stage.go(bob, '/');
    await stage.enter(bob, 'Engineering');
    await sees(bob, '23: ');
    await until(`the end is seen at ${width}`, () => below(bob), 0);
    equal(await bob.getByRole('button', { name: 'To the newest' }).count(), 0, 'and nothing lies after it');
  }
  await bob.locator('.frame').evaluate((frame) => { frame.scrollTop = 0; });
  await bob.getByRole('button', { name: 'To the newest' }).waitFor();
  await say(bob, 'what I say I see');
  await until('one sees what one says', () => below(bob), 0);
}

export async function few(stage) {
  const ana = await stage.person('ana');
  const bob = await stage.person('bob');
  await stage.enter(ana, 'Engineering');
  const long = 'The pump of line two was taken out of service, looked at, cleaned and put back in its place. '.repeat(4).slice(0, 350);
  // What is lower than was guessed stands before what is higher.
  for (let number = 0; number < 12; number += 1) await say(ana, `short ${number}`);
  for (let number = 0; number < 6; number += 1) await say(ana, `${number}: ${long}`);
  await until('all is sent', () => ana.locator('[data-pending]').count(), 0);
  for (const [width, height] of [[1280, 800], [1280, 480], [360, 640]]) {
    await bob.setViewportSize({ width, height });
    await stage.enter(bob, 'Engineering');
    await bob.locator('article').first().waitFor();
    const hidden = () => bob.locator('.frame').evaluate((frame) => {
      const last = [...frame.querySelectorAll('article')].find((one) => one.textContent.includes('5: '));
      return last ? Math.max(0, Math.round(last.getBoundingClientRect().bottom - frame.getBoundingClientRect().bottom)) : 'it is not even drawn';
    });
    await until(`the end of the last message is in view at ${width} × ${height}`, hidden, 0);
    holds(await bob.locator('.frame').evaluate((frame) => frame.scrollHeight > frame.clientHeight), 'there is more than fits');
  }
}

export async function members(stage) {
  const ana = await stage.person('ana');
  const bob = await stage.person('bob');
  await stage.enter(ana, 'Board');
  await say(ana, 'among ourselves');
  await stage.go(bob, '/directory');
  const entry = bob.locator('li.card', { hasText: 'Board' });
  await entry.getByText('For members only').waitFor();
  equal(await entry.getByRole('button').count(), 0, 'what one may not read is not followed');
  await entry.getByRole('link').click();
  const why = bob.getByRole('alert');
  await why.filter({ hasText: 'ask one of its managers' }).waitFor();
  const once = async () => [await why.count(), await bob.locator('.talk, textarea, .room aside').count(), await bob.getByText('You may read here').count(), await bob.getByRole('button', { name: /^Follow/ }).count()];
  equal(await once(), [1, 0, 0, 0], 'that one is no member is said once, and nothing beside it');
  await stage.accessible(bob, 'a room that one may not read');
  await stage.shot(bob, 'members-only');

  const guid = new URL(ana.url()).pathname.split('/')[2];
  const save = async () => {
    await ana.getByRole('button', { name: 'Preview the change' }).click();
    await ana.getByRole('button', { name: 'Save' }).click();
    await ana.getByRole('status').filter({ hasText: 'Saved.' }).waitFor();
  };
  await stage.go(ana, `/manage/${guid}`);
  await ana.getByRole('combobox', { name: 'Members' }).fill('bob');
  await ana.getByRole('option', { name: /bob/ }).click();
  await save();
  await sees(bob, 'among ourselves');
  equal(await why.count(), 0, 'whoever is let in sees the room at once');
  await say(bob, 'thank you');
  await sees(bob, 'thank you');
  await ana.getByRole('button', { name: 'Remove sip:bob@example.com' }).click();
  await save();
  await why.filter({ hasText: 'You are no longer in Board: a right was withdrawn' }).waitFor();
  equal(await once(), [1, 0, 0, 0], 'whoever is put out is told so once');
}

export async function signing(stage) {
  const page = await stage.page();
  await page.goto(`${stage.url}/`);
  await page.locator('#address:focus').waitFor();
  await page.keyboard.type('ana of example');
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'Type it like ana@example.com' }).waitFor();
  await page.locator('#address:focus').waitFor();
  for (const address of ['ana', 'ana@example.com', 'sip:ana@example.com']) {
    await page.locator('#address').fill(address);
    await page.locator('#password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('nav.rooms').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('#address').waitFor();
  }
}

export async function leaving(stage) {
  const ana = await stage.person('ana');
  await stage.enter(ana, 'Engineering');
  await composer(ana).fill('a secret that is only begun');
  const machine = () => ana.evaluate(() => JSON.stringify({ ...localStorage }));
  await until('the draft is kept', async () => (await machine()).includes('a secret'), true);
  const out = ana.getByRole('button', { name: 'Sign out' });
  await out.click();
  const dialog = ana.getByRole('dialog');
  await dialog.getByText('1 message that was not sent').waitFor();
  await stage.accessible(ana, 'signing out');
  await stage.shot(ana, 'sign-out');
  await dialog.getByRole('button', { name: 'Stay signed in' }).click();
  equal(await composer(ana).inputValue(), 'a secret that is only begun', 'who stays has everything');
  await out.click();
  await dialog.getByRole('button', { name: 'Sign out' }).click();
  await ana.locator('#address').waitFor();
  const left = await machine();
  equal([left.includes('secret'), left.includes('ana@example.com')], [false, false], 'nothing is left on the machine');
}

export async function words(stage) {
  const ana = await stage.person('ana');
  const bob = await stage.person('bob');
  await stage.enter(bob, 'Engineering');
  for (const text of ['the pump is loud', 'lunch?', 'Pump P3 was replaced']) await say(bob, text);
  await sees(bob, 'P3');
  await stage.enter(ana, 'Engineering');
  await ana.getByRole('button', { name: 'Follow' }).click();
  // The page is left in the same moment, and the room is followed all the same.
  await stage.go(ana, '/search');
  await ana.locator('#search-words:focus').waitFor();
  await ana.keyboard.type('pump');
  await ana.keyboard.press('Enter');
  await until('two are found', () => ana.locator('section li').count(), 2);
  equal(await ana.locator('section li mark').allInnerTexts(), ['Pump', 'pump'], 'hits are marked, the newest first');
  await stage.shot(ana, 'search');
  await ana.getByLabel('Author').fill('ana@example.com');
  await ana.getByRole('button', { name: 'Search', exact: true }).click();
  await until('none is hers', () => ana.locator('section li').count(), 0);
  await ana.getByLabel('Author').fill('');
  await ana.getByLabel('Match').selectOption('exact');
  await ana.getByLabel('Words').fill('pump is');
  await ana.getByRole('button', { name: 'Search', exact: true }).click();
  await until('the phrase is found once', () => ana.locator('section li').count(), 1);
  await ana.locator('section li a').click();
  await ana.locator('article.target', { hasText: 'loud' }).waitFor();

  await stage.go(ana, '/feeds');
  await ana.getByRole('button', { name: 'New feed' }).click();
  await ana.locator('#feed-name:focus').waitFor();
  await ana.getByLabel('Words').fill('pump "spare part"');
  await ana.getByRole('button', { name: 'Save' }).click();
  await until('the feed has what was said', () => ana.locator('section li.card').count(), 2);
  await say(bob, 'which spare part?');
  await ana.locator('section li.card', { hasText: 'which spare part' }).waitFor();
  await stage.shot(ana, 'feeds');
  await stage.go(ana, '/directory');
  await say(bob, 'another pump');
  await until('the feed counts', () => ana.locator('nav.places .count').innerText().then((text) => text.slice(0, 1)), '1');
  await ana.reload();
  await stage.go(ana, '/feeds');
  await ana.locator('section li.card', { hasText: 'another pump' }).waitFor();
}

export async function writing(stage) {
  const ana = await stage.person('ana');
  const bob = await stage.person('bob');
  await stage.enter(bob, 'Engineering');
  await say(bob, 'I am here');
  await stage.enter(ana, 'Engineering');
  await sees(ana, 'I am here');
  const area = composer(ana);
  await area.pressSequentially('Ask @bo');
  await ana.getByRole('option', { name: 'bob' }).waitFor();
  await ana.keyboard.press('Enter');
  equal(await area.inputValue(), 'Ask @bob ', 'a person is completed');
  await area.pressSequentially('@ro');
  await ana.getByRole('option', { name: 'root' }).waitFor();
  await ana.keyboard.press('Enter');
  equal(await area.inputValue(), 'Ask @bob @root ', 'also one whom nobody has seen here');
  await area.fill('Ask @bob ');
  await area.pressSequentially(':rock');
  await ana.keyboard.press('Tab');
  equal(await area.inputValue(), 'Ask @bob 🚀 ', 'an emoji is completed');
  await ana.keyboard.press('Shift+Enter');
  await area.pressSequentially('two lines');
  await stage.go(ana, '/directory');
  await stage.enter(ana, 'Engineering');
  equal(await composer(ana).inputValue(), 'Ask @bob 🚀 \ntwo lines', 'a draft stays');
  await ana.getByRole('button', { name: 'High importance' }).click();
  await ana.getByRole('button', { name: 'Send' }).click();
  await bob.locator('article.alert', { hasText: 'two lines' }).waitFor();
  equal(await bob.locator('.mention.me').count(), 1, 'the mention is seen');
  const tell = () => ana.getByRole('button', { name: 'Story with a title' }).click();
  await tell();
  await ana.getByLabel('Title of the story').fill('Two lines');
  await composer(ana).fill('The first line.\nThe second.');
  await ana.getByRole('button', { name: 'Send' }).click();
  await bob.locator('.story h3', { hasText: 'Two lines' }).waitFor();
  equal(await bob.getByRole('button', { name: 'Read all' }).count(), 0, 'a story that is read whole has nothing to unfold');
  await tell();
  await ana.getByLabel('Title of the story').fill('What happened at night');
  await composer(ana).fill(`It began with a bang.\n${'Then more. '.repeat(900)}`);
  await ana.getByRole('button', { name: 'Send' }).click();
  const night = bob.locator('.story', { hasText: 'What happened at night' });
  await night.getByRole('button', { name: 'Read all' }).click();
  await night.getByRole('button', { name: 'Read less' }).waitFor();
  holds((await night.locator('.text').boundingBox()).height > 100, 'a story unfolds');
}

export async function beside(stage) {
  const ana = await stage.person('ana');
  await stage.enter(ana, 'Engineering');
  await stage.ask('lync joins');
  await until('both are there', () => ana.locator('.body aside li').count(), 2);
  for (let number = 0; number < 5; number += 1) {
    await stage.ask(`lync says from the old client ${number}`);
    await sees(ana, `from the old client ${number}`);
    await say(ana, `from the browser ${number}`);
    await sees(ana, `from the browser ${number}`);
    await until('it is kept', () => ana.locator('[data-pending]').count(), 0);
  }
  const other = JSON.parse(await stage.ask('lync heard'));
  equal(await texts(ana), other, 'both clients see the same texts in the same order');
}

/** In an auditorium only its presenters are offered to write. */
export async function auditorium(stage) {
  const ana = await stage.person('ana');
  const bob = await stage.person('bob');
  await stage.enter(ana, 'Hall');
  await stage.go(bob, '/directory');
  await bob.getByRole('link', { name: 'Hall', exact: true }).first().click();
  await bob.getByText('Only presenters write in this room.').waitFor();
  equal(await composer(bob).count(), 0, 'who is no presenter has nothing to write in');
  await say(ana, 'Welcome');
  await sees(bob, 'Welcome');
}
