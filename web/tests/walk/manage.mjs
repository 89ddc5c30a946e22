// The story of a room: created, given to people, narrowed, disabled, each time with what would change before it does.
import { equal, holds, sees, until } from './stage.mjs';

export async function room(stage) {
  const ana = await stage.person('ana');
  await stage.go(ana, '/manage');
  await ana.getByRole('link', { name: 'Create a room' }).click();
  await ana.getByLabel('Name').fill('Engineering');
  await ana.getByLabel('Category').selectOption('General');
  await ana.getByRole('button', { name: 'Preview the change' }).click();
  await ana.getByRole('alert').waitFor();
  equal(await ana.getByLabel('Name').inputValue(), 'Engineering', 'what was typed stays');
  await ana.getByLabel('Name').fill('Night shift');
  await ana.getByLabel('Description').fill('Who is awake');
  await ana.getByLabel('Privacy').selectOption('closed');
  const members = ana.getByRole('combobox', { name: 'Members' });
  await members.fill('bo');
  await ana.getByRole('option', { name: /bob/ }).click();
  await ana.getByRole('button', { name: 'Preview the change' }).click();
  const preview = ana.getByRole('region', { name: 'This would change' });
  await preview.getByRole('row', { name: /bob@example.com/ }).first().waitFor();
  await stage.shot(ana, 'manage-preview');
  await ana.getByRole('button', { name: 'Create room' }).click();
  await ana.getByRole('heading', { name: 'Manage Night shift' }).waitFor();

  const bob = await stage.person('bob');
  await stage.enter(bob, 'Night shift');
  await until('bob is in', () => bob.locator('.body aside li').count(), 1);
  await ana.getByRole('button', { name: 'Remove sip:bob@example.com' }).click();
  await ana.getByRole('button', { name: 'Preview the change' }).click();
  holds((await preview.getByRole('row', { name: /bob@example.com/ }).last().innerText()).includes('join'), 'who loses is shown');
  await stage.shot(ana, 'manage');
  await ana.getByRole('button', { name: 'Save' }).click();
  await ana.getByRole('status').filter({ hasText: 'Saved.' }).waitFor();
  await bob.getByRole('alert').filter({ hasText: 'no longer' }).waitFor();
  await ana.getByLabel('Disabled').check();
  await ana.getByRole('button', { name: 'Preview the change' }).click();
  await ana.getByRole('button', { name: 'Save' }).click();
  await ana.getByRole('status').filter({ hasText: 'Saved.' }).waitFor();
  equal(await ana.getByLabel('Disabled').isChecked(), true, 'it is disabled');
  await stage.go(ana, '/manage');
  await ana.locator('li', { hasText: 'disabled' }).waitFor();
}
