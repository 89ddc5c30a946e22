// Every page of the control panel with what it is there for, by keyboard alone.
import { fill, lands, press, region, signIn, tabTo } from './keys.mjs';
import { holds, until } from './stage.mjs';

/** Goes to a page of the panel by its list. */
async function open(page, name) {
  await region(page, '.panel nav');
  await press(page, name);
  await until(name, () => page.locator('#panel-title').innerText(), name);
  await until('it is there', () => page.locator('[aria-busy=true]').count(), 0);
  await region(page, '.panel .page');
}

/** Carries out the operation whose form has the focus: first what would change, then the change. */
async function carryOut(page) {
  await press(page, 'Preview the change');
  await lands(page, 'what would change is gone to', 'section.notice');
  await press(page, 'Carry out');
  await page.getByText('Done.').first().waitFor();
}

/** Makes something by the button of a page. */
async function make(page, button, fields) {
  await press(page, button);
  await page.getByRole('dialog').locator('form').waitFor();
  await fill(page, fields);
  await carryOut(page);
  await page.keyboard.press('Escape');
  await lands(page, 'whoever closes a dialog goes on where it was opened', 'button.primary');
}

export async function things(stage) {
  const root = await signIn(stage, 'root');
  await press(root, 'Control panel');
  await root.locator('#panel-title').waitFor();
  holds(await root.getByText('People on line').first().isVisible(), 'the overview is the first page');
  await open(root, 'Users');
  await make(root, 'New user', { Address: 'sip:eve@example.com', 'Display name': 'Eve', Password: 'correct horse 9' });
  await press(root, 'Eve');
  await root.getByRole('dialog').locator('form').waitFor();
  await press(root, 'Disable');
  await carryOut(root);
  await root.keyboard.press('Escape');
  await root.getByRole('row', { name: /Eve/ }).getByRole('cell', { name: 'no' }).first().waitFor();
  await open(root, 'Roles');
  await make(root, 'Grant a role', { User: 'sip:bob@example.com', Role: 'reader' });
  await open(root, 'Groups');
  await make(root, 'New group', { Name: 'Night shift' });
  await open(root, 'Policies');
  await make(root, 'New policy', { Identity: 'visitors' });
  await open(root, 'Categories');
  await make(root, 'New category', { Name: 'Plants' });
  await open(root, 'Rooms');
  await make(root, 'New room', { Name: 'North', Category: 'General' });
  await press(root, 'Mark North', 'Space');
  await tabTo(root, 'Disable', 'Shift+Tab');
  await root.keyboard.press('Enter');
  await root.getByText('1 of 1').waitFor();
  await root.getByRole('row', { name: /North/ }).getByRole('cell', { name: 'yes' }).waitFor();
  await open(root, 'Add-ins');
  await make(root, 'New add-in', { Name: 'Board', 'Address (URL)': 'https://board.example.com/' });
  await open(root, 'Configuration');
  await press(root, 'global');
  await root.getByRole('dialog').locator('form').waitFor();
  await tabTo(root, 'Messages shown at first');
  await root.keyboard.press('Control+a');
  await root.keyboard.type('25');
  await carryOut(root);
  await root.keyboard.press('Escape');
  await root.getByRole('cell', { name: '25', exact: true }).waitFor();
  await open(root, 'Tokens');
  await make(root, 'New token', { Name: 'reader', Scope: 'reader' });
}

export async function questions(stage) {
  const root = await signIn(stage, 'root');
  await press(root, 'Control panel');
  await root.locator('#panel-title').waitFor();
  await open(root, 'Audit');
  await tabTo(root, 'Audit');
  await root.keyboard.press('Tab');
  await root.keyboard.press('Enter');
  await root.getByRole('dialog').getByRole('button', { name: 'Show' }).waitFor();
  await press(root, 'Show');
  await root.getByRole('dialog').getByRole('status').first().waitFor();
  await root.keyboard.press('Escape');
  await open(root, 'Messages');
  await fill(root, { Room: 'Engineering', Words: 'code' });
  await tabTo(root, 'Remove without a trace');
  await root.keyboard.press('Space');
  await press(root, 'Preview the change');
  await lands(root, 'what would change is gone to', 'section.notice');
  await open(root, 'Explain');
  await fill(root, { Person: 'sip:ana@example.com', About: 'a room', Name: 'Engineering' });
  await press(root, 'Show');
  await root.getByRole('region', { name: 'Result' }).getByRole('row').nth(1).waitFor();
  await open(root, 'Reports');
  await press(root, 'Show');
  await root.getByRole('region', { name: 'Result' }).getByRole('row').nth(1).waitFor();
  await open(root, 'Imports');
  await tabTo(root, 'Table (CSV)');
  // Enter would open the browser's own dialog; what that gives is given to the field that has the focus.
  await root.locator('input[type=file]:focus').setInputFiles({ name: 'rooms.csv', mimeType: 'text/csv', buffer: Buffer.from('name,category\nSouth,General\n') });
  await carryOut(root);
}
