// Everything people do in rooms, by keyboard alone.
import { fill, join, lands, press, region, signIn, tabTo, type } from './keys.mjs';
import { composer, equal, holds, sees, texts, until } from './stage.mjs';

export async function chat(stage) {
  const ana = await signIn(stage, 'ana');
  const bob = await signIn(stage, 'bob');
  await join(bob, 'Engineering');
  await type(bob, 'I am here');
  await press(ana, 'Find rooms');
  await ana.getByRole('button', { name: /Follow: Engineering/ }).waitFor();
  await press(ana, 'Follow: Engineering');
  await until('it is followed', () => ana.locator('nav.rooms a').count(), 1);
  await ana.keyboard.press('Control+k');
  await ana.getByRole('dialog').waitFor();
  await ana.keyboard.type('engi');
  await ana.getByRole('option', { name: 'Engineering' }).waitFor();
  await ana.keyboard.press('Enter');
  await sees(ana, 'I am here');
  await lands(ana, 'one writes at once', 'form textarea');

  await ana.keyboard.type('Ask @bo');
  await ana.getByRole('option', { name: 'bob' }).waitFor();
  await ana.keyboard.press('Enter');
  await ana.keyboard.type(':rock');
  await ana.keyboard.press('Tab');
  equal(await composer(ana).inputValue(), 'Ask @bob 🚀 ', 'a person and an emoji are completed');
  await press(ana, 'Emoji');
  await lands(ana, 'the choice of emoji is gone to', '.picker button');
  await ana.keyboard.press('Escape');
  await lands(ana, 'and left', 'form textarea');
  await press(ana, 'Emoji');
  await lands(ana, 'again', '.picker button');
  await ana.keyboard.press('Tab');
  await ana.keyboard.press('Enter');
  await lands(ana, 'one writes on', 'form textarea');
  await press(ana, 'High importance', 'Space');
  await press(ana, 'Send');
  await bob.locator('article.alert', { hasText: '@bob 🚀' }).waitFor();
  await lands(ana, 'one writes on', 'form textarea');

  await press(ana, 'Story with a title');
  await lands(ana, 'a story begins with its title', 'form input');
  await ana.keyboard.type('What happened at night');
  await tabTo(ana, 'Message to Engineering');
  await ana.keyboard.type(`It began with a bang.${' Then more.'.repeat(60)}`);
  await press(ana, 'Send');
  await bob.locator('.story h3', { hasText: 'What happened at night' }).waitFor();
  await region(bob, '.stream');
  await press(bob, 'Read all');
  await until('a story unfolds', () => bob.getByRole('button', { name: 'Read less' }).count(), 1);
  await region(bob, '.talk form');
  await type(bob, 'good night');
  await sees(ana, 'good night');

  await region(ana, '.room > header');
  await tabTo(ana, 'Notify me of');
  await ana.keyboard.type('All');
  equal(await ana.locator('.room > header select').inputValue(), 'all', 'notices of a room are chosen');
  await press(ana, '2 people');
  equal(await ana.locator('.body aside').count(), 0, 'the people are put away');
  await ana.keyboard.press('Enter');
  await region(ana, '.body aside');
  await ana.locator('.body aside li', { hasText: 'bob' }).waitFor();

  await press(ana, 'Settings');
  await tabTo(ana, 'Colours');
  await ana.keyboard.type('Dark');
  await until('it is dark', () => ana.locator('html').getAttribute('data-theme'), 'dark');
  await tabTo(ana, 'Language');
  await ana.keyboard.type('Fr');
  await ana.getByRole('heading', { name: 'Réglages' }).waitFor();
  await ana.keyboard.press('Escape');
  await lands(ana, 'whoever closes a dialog goes on where it was opened', '.tool');
  await until('it is cleared away', () => ana.locator('dialog').count(), 0);
  await press(ana, 'Réglages');
  await ana.getByRole('heading', { name: 'Réglages' }).waitFor();
  await ana.evaluate(() => {
    document.querySelector('dialog').close();
    document.querySelector('.jump').focus();
  });
  await until('it is cleared away', () => ana.locator('dialog').count(), 0);
  await lands(ana, 'whoever has gone on before that is not taken back', '.jump');
  await tabTo(ana, 'Se déconnecter', 'Shift+Tab');
  await press(ana, 'Se déconnecter');
  await ana.locator('#password').waitFor();
}

export async function reading(stage) {
  const ana = await signIn(stage, 'ana');
  const bob = await signIn(stage, 'bob');
  await join(ana, 'Engineering');
  await region(ana, '.room > header');
  await press(ana, 'Follow');
  await until('it is followed', () => ana.locator('nav.rooms a').count(), 1);
  await region(ana, '.talk form');
  await type(ana, 'the first of all');
  await sees(ana, 'the first of all');
  await until('it is kept', () => ana.locator('[data-pending]').count(), 0);
  await press(ana, 'Find rooms');
  await many(bob, 70);
  await until('they are unread', () => ana.locator('nav.rooms .count').last().innerText().then((text) => text.slice(0, 2)), '70');
  await ana.keyboard.press('Alt+ArrowDown');
  await sees(ana, 'number 70');
  await region(ana, '.stream');
  await lands(ana, 'the way to what is unread is the first thing there', '.first');
  await ana.keyboard.press('Enter');
  await ana.locator('article.target', { hasText: 'number 1' }).waitFor();
  await lands(ana, 'one goes on in the posts', '[role=log]');

  // A link to a post is the time it was said at.
  await tabTo(ana, await ana.locator('article.target a.time, article a.time').first().innerText());
  await ana.keyboard.press('Enter');
  await until('it is gone to', () => new URL(ana.url()).pathname.split('/').length, 4);
  await region(ana, '.room > header');
  await press(ana, 'Go to a day');
  await lands(ana, 'a day is asked for', 'input[type=date]');
  await ana.keyboard.type(`0101${new Date().getFullYear()}`);
  await ana.keyboard.press('Enter');
  await ana.locator('article.target', { hasText: 'the first of all' }).waitFor();
  await lands(ana, 'one goes on in the posts of that day', '[role=log]');
  await region(ana, '.stream');
  await lands(ana, 'the way to the newest is the first thing there', '.down');
  await ana.keyboard.press('Enter');
  await sees(ana, 'number 70');

  await region(ana, '.talk form');
  await ana.context().setOffline(true);
  for (const text of ['one', 'two', 'three']) await type(ana, `unsent ${text}`);
  await until('what is said waits', () => ana.locator('[data-pending]').count(), 3);
  await ana.context().setOffline(false);
  await until('all is sent', () => ana.locator('[data-pending]').count(), 0);
  equal((await texts(ana)).slice(-3), ['unsent one', 'unsent two', 'unsent three'], 'in order');

  await region(ana, '.room > header');
  await press(ana, 'Search in this room');
  await ana.getByRole('heading', { name: 'Search messages' }).waitFor();
  await tabTo(ana, 'Words');
  await type(ana, 'number 33');
  await until('it is found', () => ana.locator('section li').count(), 1);
  await tabTo(ana, await ana.locator('section li a').innerText());
  await ana.keyboard.press('Enter');
  await ana.locator('article.target', { hasText: 'number 33' }).waitFor();
  await ana.keyboard.press('Control+Shift+F');
  await ana.getByRole('heading', { name: 'Search messages' }).waitFor();

  await press(ana, 'Topic feeds');
  await press(ana, 'New feed');
  await fill(ana, { Name: 'Threes', Words: '"number 3" lunch' });
  await press(ana, 'Save');
  await until('it has what was said', () => ana.locator('section li.card').count(), 11);
  await press(ana, 'Edit');
  await press(ana, 'Delete feed');
  await until('it is gone', () => ana.locator('section li.card').count(), 0);
}

export async function rooms(stage) {
  const ana = await signIn(stage, 'ana');
  const bob = await signIn(stage, 'bob');
  await press(ana, 'My rooms');
  await ana.getByRole('link', { name: 'Create a room' }).waitFor();
  await press(ana, 'Create a room');
  await ana.getByLabel('Name').waitFor();
  await fill(ana, { Name: 'Typed', Category: 'Gen', Description: 'By keyboard', Privacy: 'closed', Invitations: 'as the' });
  await tabTo(ana, 'Members');
  await ana.keyboard.type('bo');
  await ana.getByRole('option', { name: /bob/ }).waitFor();
  await ana.keyboard.press('ArrowDown');
  await ana.keyboard.press('Enter');
  await press(ana, 'Preview the change');
  await lands(ana, 'what would change is gone to', 'section.notice');
  holds((await ana.locator('section.notice').innerText()).includes('bob@example.com'), 'who gains is shown');
  await press(ana, 'Create room');
  await ana.getByRole('heading', { name: 'Manage Typed' }).waitFor();

  await bob.locator('nav.rooms a', { hasText: 'Typed' }).waitFor();
  await press(bob, 'Typed');
  await bob.getByRole('heading', { level: 1, name: 'Typed' }).waitFor();
  await press(ana, 'Remove sip:bob@example.com');
  await lands(ana, 'the list is gone on with', 'input[role=combobox]');
  await press(ana, 'Preview the change');
  await press(ana, 'Save');
  await lands(ana, 'that it is saved is gone to', 'p[role=status]');
  await bob.getByRole('alert').filter({ hasText: 'no longer' }).waitFor();
}

/** Somebody says so much that it is more than a page. */
async function many(page, count) {
  await page.evaluate(async (most) => {
    const json = (answer) => answer.json();
    const found = await fetch('/api/v1/rooms?q=Engineering').then(json);
    for (let number = 1; number <= most; number += 1) {
      const body = JSON.stringify({ text: `number ${number}` });
      await fetch(`/api/v1/rooms/${found.rows[0].guid}/messages`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    }
  }, count);
}
