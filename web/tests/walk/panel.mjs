// The control panel: every page is opened, looked at and found accessible, and each kind of thing is made, changed and removed.
import { equal, holds, say, sees, texts, until } from './stage.mjs';

const PAGES = ['', 'users', 'roles', 'groups', 'policies', 'categories', 'rooms', 'addIns', 'configurations', 'audit', 'tokens', 'messages', 'explain', 'reports', 'imports'];

export async function pages(stage) {
  const root = await stage.person('root');
  for (const page of PAGES) {
    await stage.go(root, `/admin/${page}`.replace(/\/$/, ''));
    await root.locator('#panel-title').waitFor();
    await until(`${page} is there`, () => root.locator('[aria-busy=true]').count(), 0);
    equal(await root.getByRole('alert').count(), 0, `${page} has no trouble`);
    await stage.accessible(root, `the page ${page || 'overview'}`);
    await stage.shot(root, `panel-${page || 'overview'}`);
  }
}

async function make(root, button, fields, looks) {
  await root.getByRole('button', { name: button }).first().click();
  const dialog = root.getByRole('dialog');
  for (const [label, value] of Object.entries(fields)) {
    const field = dialog.getByLabel(label, { exact: false }).first();
    if ((await field.evaluate((one) => one.tagName)) === 'SELECT') await field.selectOption(value);
    else await field.fill(value);
  }
  await dialog.getByRole('button', { name: 'Preview the change' }).click();
  await dialog.getByRole('button', { name: 'Carry out' }).click();
  await dialog.getByText('Done.').waitFor();
  equal(await dialog.locator('form input:not([type=checkbox])').evaluateAll((all) => all.map((one) => one.value).join('')), '', 'what is done is left in no field');
  equal(await dialog.locator('.warning').count(), 0, 'and says nothing in red');
  if (looks) await looks(dialog);
  await dialog.getByRole('button', { name: 'Close' }).click();
}

export async function actions(stage) {
  const root = await stage.person('root');
  await stage.go(root, '/admin/users');
  await make(root, 'New user', { Address: 'sip:eve@example.com', 'Display name': 'Eve Example', Password: 'correct horse 9' });
  await root.getByRole('button', { name: 'Eve Example' }).click();
  await root.getByRole('navigation', { name: 'Actions' }).getByRole('button', { name: 'Disable' }).click();
  await root.getByRole('dialog').getByRole('button', { name: 'Preview the change' }).click();
  await root.getByRole('dialog').getByRole('button', { name: 'Carry out' }).click();
  await root.getByRole('dialog').getByText('Done.').waitFor();
  await root.keyboard.press('Escape');
  await root.getByRole('row', { name: /Eve Example/ }).getByRole('cell', { name: 'no' }).first().waitFor();

  await stage.go(root, '/admin/addIns');
  await make(root, 'New add-in', { Name: 'Board', 'Address (URL)': 'https://board.example.com/' });
  await root.getByRole('button', { name: 'Board' }).waitFor();

  await stage.go(root, '/admin/rooms');
  for (const name of ['North', 'South']) await make(root, 'New room', { Name: name, Category: 'General' });
  for (const name of ['North', 'South']) await root.getByRole('checkbox', { name }).check();
  await root.getByRole('group', { name: 'For all that are marked' }).getByRole('button', { name: 'Disable' }).click();
  await root.getByText('2 of 2').waitFor();
  await root.getByRole('row', { name: /North/ }).getByRole('cell', { name: 'yes' }).waitFor();

  await stage.go(root, '/admin/audit');
  await root.getByRole('cell', { name: 'room-set' }).first().waitFor();

  await stage.go(root, '/admin/explain');
  const why = root.locator('form').first();
  await why.getByLabel('Person').fill('sip:ana@example.com');
  await why.getByLabel('About').selectOption('room');
  await why.getByLabel('Name').fill('North');
  await why.getByRole('button', { name: 'Show' }).click();
  await root.getByRole('region', { name: 'Result' }).getByRole('row').nth(1).waitFor();

  await stage.go(root, '/admin/tokens');
  await make(root, 'New token', { Name: 'reader', Scope: 'reader' }, async (dialog) => {
    holds((await dialog.getByRole('region', { name: 'Result' }).innerText()).includes('cst_'), 'what is shown once is seen');
  });
  await root.getByRole('button', { name: 'reader' }).waitFor();
}

export async function messages(stage) {
  const root = await stage.person('root');
  const ana = await stage.person('ana');
  await stage.enter(ana, 'Engineering');
  await say(ana, 'the code is 1234');
  await say(ana, 'lunch is at noon');
  await sees(ana, 'noon');
  await until('both are kept', () => ana.locator('[data-pending]').count(), 0);
  await stage.go(root, '/admin/messages');
  const form = root.locator('form').first();
  await form.locator('#field-messageRemove-room').fill('Engineering');
  await form.locator('#field-messageRemove-filter').fill('code');
  await form.locator('#field-messageRemove-replaceMessage').fill('(taken away)');
  const day = form.locator('#field-messageRemove-startDate');
  equal(await day.getAttribute('type'), 'date', 'a day is chosen');
  const time = form.locator('#field-messageRemove-startDate-time');
  const refused = async (why) => {
    await form.getByRole('button', { name: 'Preview the change' }).click();
    await form.getByRole('alert').getByText(why, { exact: true }).waitFor();
  };
  await time.fill('10:15');
  await refused('Choose the day as well.');
  await day.focus();
  await root.keyboard.type('05');
  await refused('Complete this, or empty it.');
  await day.fill('2020-02-29');
  await form.getByRole('button', { name: 'Preview the change' }).click();
  await form.getByRole('region', { name: 'Result' }).getByRole('row').nth(1).waitFor();
  equal((await texts(ana))[0], 'the code is 1234', 'a rehearsal changes nothing');
  await form.getByRole('button', { name: 'Carry out' }).click();
  await until('it is replaced before the eyes of who reads', async () => (await texts(ana))[0], '(taken away)');
  holds((await texts(ana)).includes('lunch is at noon'), 'nothing else is');
  await form.getByText('Done.').waitFor();
  equal(await form.locator('input:not([type=checkbox]), textarea').evaluateAll((all) => all.map((one) => one.value).join('')), '', 'what is done is left in no field');
  equal(await form.locator('.warning, .loses').count(), 0, 'nothing is red');
  equal(await form.getByRole('region', { name: 'Result' }).isVisible(), false, 'and what was removed is not in the way');
  await form.getByText('Result (1)').click();
  await form.getByRole('region', { name: 'Result' }).getByRole('row').nth(1).waitFor();
}

/** The server's answer about the thing that was just changed comes only after its dialog is closed. */
export async function late(stage) {
  const root = await stage.person('root');
  await stage.go(root, '/admin/configurations');
  await root.getByRole('button', { name: 'global' }).click();
  const dialog = root.getByRole('dialog');
  await dialog.getByLabel('Messages shown at first').fill('25');
  await dialog.getByRole('button', { name: 'Preview the change' }).click();
  let hold, close;
  const held = new Promise((done) => (hold = done));
  const closed = new Promise((done) => (close = done));
  await root.route('**/configurations/global', async (route) => {
    if (route.request().method() !== 'GET') return route.continue();
    hold();
    await closed;
    return route.continue();
  });
  await dialog.getByRole('button', { name: 'Carry out' }).click();
  await held;
  await root.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  const answered = root.waitForResponse((response) => response.url().endsWith('/configurations/global'));
  close();
  await (await answered).finished();
  await root.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  equal(await dialog.count(), 0, 'what is closed stays closed');
}
