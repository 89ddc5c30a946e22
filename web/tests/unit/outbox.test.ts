// What is said without a network is sent later, in order, and once.
import { describe, expect, it } from 'vitest';
import { Problem, type Posted } from '../../src/api/client';
import { Outbox, WAITING_MAX, type Waiting } from '../../src/chat/outbox';

const say = (id: string, room = 'lobby'): Waiting => ({ id, room, text: id, alert: false, after: 0, time: '', failed: null });
const offline = new Problem(0, 'Offline', 'offline');

/** An outbox on a machine that takes so many posts. */
function box(answer: (post: Waiting) => Problem | null, room = () => Infinity) {
  let stored: Waiting[] = [];
  const sent: string[] = [];
  const kept: string[] = [];
  const outbox = new Outbox(
    {
      read: () => stored,
      write: (all) => {
        const fits = JSON.stringify(all).length <= room();
        if (fits) stored = all;
        return fits;
      },
    },
    async (post) => {
      const problem = answer(post);
      if (problem) throw problem;
      sent.push(post.id);
      return { post: sent.length, position: `1.${sent.length}`, time: '' } as Posted;
    },
    { changed: () => {}, kept: (post) => kept.push(post.id) },
  );
  return { outbox, sent, kept, stored: () => stored };
}

describe('outbox', () => {
  it('keeps everything while the network is away, and sends it in order when it is back', async () => {
    let away = true;
    const { outbox, sent, stored } = box(() => (away ? offline : null));
    for (const id of ['one', 'two', 'three']) outbox.add(say(id));
    await outbox.flush();
    expect(stored().map((post) => post.id)).toEqual(['one', 'two', 'three']);
    away = false;
    await Promise.all([outbox.flush(), outbox.flush()]);
    expect(sent).toEqual(['one', 'two', 'three']);
    expect(stored()).toEqual([]);
  });

  it('stops a room at a refused post, and goes on in the others', async () => {
    const { outbox, sent, stored } = box((post) => (post.id === 'bad' ? new Problem(403, 'ErrorPermission', 'no') : null));
    outbox.add(say('good'));
    outbox.add(say('bad'));
    outbox.add(say('after'));
    outbox.add(say('elsewhere', 'vault'));
    await outbox.flush();
    expect(sent).toEqual(['good', 'elsewhere']);
    expect(stored().map((post) => [post.id, post.failed])).toEqual([['bad', 'no'], ['after', null]]);
    outbox.drop('bad');
    await outbox.flush();
    expect(sent).toEqual(['good', 'elsewhere', 'after']);
  });

  it('sends a refused post again when its author says so', async () => {
    let allowed = false;
    const { outbox, kept } = box(() => (allowed ? null : new Problem(423, 'NodeDisabled', 'disabled')));
    outbox.add(say('one'));
    await outbox.flush();
    allowed = true;
    outbox.retry('one');
    await outbox.flush();
    expect(kept).toEqual(['one']);
  });

  it('refuses a post the machine has no room for, and loses none of those it took', async () => {
    let away = true;
    const { outbox, sent } = box(() => (away ? offline : null), () => 250);
    expect(outbox.add(say('one'))).toBe(true);
    expect(outbox.add(say('two'))).toBe(true);
    expect(outbox.add(say('three'))).toBe(false);
    expect(outbox.all().map((post) => post.id)).toEqual(['one', 'two']);
    away = false;
    await outbox.flush();
    expect(sent).toEqual(['one', 'two']);
  });

  it('sends one post after another where the machine keeps nothing at all, each once', async () => {
    let away = true;
    const { outbox, sent } = box(() => (away ? offline : null), () => 0);
    expect(outbox.add(say('one'))).toBe(true);
    expect(outbox.isFragile).toBe(true);
    await outbox.flush();
    expect(outbox.all().map((post) => post.id)).toEqual(['one']);
    expect(outbox.add(say('two'))).toBe(false);
    away = false;
    await outbox.flush();
    expect([sent, outbox.all(), outbox.isFragile]).toEqual([['one'], [], false]);
    expect(outbox.add(say('two'))).toBe(true);
    await outbox.flush();
    expect(sent).toEqual(['one', 'two']);
  });

  it('sends a post once, and tells of a refused one, although the machine takes no change any more', async () => {
    let space = Infinity;
    const { outbox, sent, kept } = box((post) => (post.id === 'bad' ? new Problem(403, 'ErrorPermission', 'no') : null), () => space);
    for (const id of ['one', 'bad', 'after']) outbox.add(say(id));
    space = 0;
    await outbox.flush();
    expect([sent, kept]).toEqual([['one'], ['one']]);
    expect(outbox.all().map((post) => [post.id, post.failed])).toEqual([['bad', 'no'], ['after', null]]);
    space = Infinity;
    outbox.drop('bad');
    await outbox.flush();
    expect(sent).toEqual(['one', 'after']);
  });

  it('takes no more than it can hold', () => {
    const { outbox } = box(() => offline);
    for (let number = 0; number < WAITING_MAX; number += 1) expect(outbox.add(say(`${number}`))).toBe(true);
    expect(outbox.add(say('one more'))).toBe(false);
  });
});
