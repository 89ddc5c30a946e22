// Stories of a network that goes and comes back, and of a server that is killed: nothing is lost, nothing is doubled.
import { composer, equal, say, sees, texts, until } from './stage.mjs';

export async function offline(stage) {
  const ana = await stage.person('ana');
  const bob = await stage.person('bob');
  await stage.enter(ana, 'Engineering');
  await stage.enter(bob, 'Engineering');
  await say(ana, 'before');
  await sees(bob, 'before');
  await ana.context().setOffline(true);
  for (const text of ['one', 'two', 'three']) await say(ana, `unsent ${text}`);
  await until('what is said waits', () => ana.locator('[data-pending]').count(), 3);
  await say(bob, 'meanwhile');
  // It is kept before the network comes back: who is kept first comes first.
  await sees(bob, 'meanwhile');
  await until('it is kept', () => bob.locator('[data-pending]').count(), 0);
  await ana.context().setOffline(false);
  await sees(bob, 'unsent three');
  await until('all is sent', () => ana.locator('[data-pending]').count(), 0);
  await sees(ana, 'meanwhile');
  const wanted = ['before', 'meanwhile', 'unsent one', 'unsent two', 'unsent three'];
  await until('in order, each once', () => texts(bob), wanted);
  await until('the same at the author', () => texts(ana), wanted);
}

export async function opened(stage) {
  const ana = await stage.person('ana');
  const bob = await stage.person('bob');
  await stage.enter(bob, 'Engineering');
  await say(bob, 'said before she came');
  await sees(bob, 'said before she came');
  await stage.go(ana, '/directory');
  const link = ana.getByRole('link', { name: 'Engineering', exact: true }).first();
  await link.waitFor();
  await ana.context().setOffline(true);
  await link.click();
  await ana.getByRole('alert').filter({ hasText: 'cannot be reached' }).waitFor();
  await ana.context().setOffline(false);
  await sees(ana, 'said before she came');
  await say(bob, 'said when she was there');
  await sees(ana, 'said when she was there');
  equal(await ana.getByRole('alert').count(), 0, 'nothing is wrong any more');
}

export async function killed(stage) {
  const ana = await stage.person('ana');
  const bob = await stage.person('bob');
  await stage.enter(ana, 'Engineering');
  await ana.getByRole('button', { name: 'Follow' }).click();
  await stage.enter(bob, 'Engineering');
  await bob.getByRole('button', { name: 'Follow' }).click();
  for (let number = 0; number < 5; number += 1) await say(bob, `before ${number}`);
  await sees(ana, 'before 4');
  await stage.ask('kill');
  await ana.getByRole('status').filter({ hasText: 'Connection lost' }).waitFor();
  await stage.shot(ana, 'connection-lost');
  await say(ana, 'said while it was away');
  equal(await ana.locator('[data-pending]').count(), 1, 'it waits');
  await composer(ana).fill('half a sent');
  await stage.ask('start');
  // Whoever was signed in stays so: the pages go on by themselves, and a new one is signed in as well.
  await sees(bob, 'said while it was away');
  await say(bob, 'after the restart');
  await sees(ana, 'after the restart');
  equal(await ana.locator('#password').count(), 0, 'nobody asks for a password');
  equal(await composer(ana).inputValue(), 'half a sent', 'nothing typed is lost');
  await until('all is sent', () => ana.locator('[data-pending]').count(), 0);
  const wanted = [0, 1, 2, 3, 4].map((number) => `before ${number}`);
  const seen = await texts(ana);
  equal(seen.slice(0, 5), wanted, 'nothing of before is missing');
  equal([...seen].sort(), [...wanted, 'after the restart', 'said while it was away'].sort(), 'nothing is missing and nothing doubled');
  await until('one order', () => texts(bob), seen);
  await bob.reload();
  await until('the same after a reload', () => texts(bob), seen);
  equal(await bob.locator('#password').count(), 0, 'he is signed in still');
}
