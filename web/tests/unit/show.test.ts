// What rows of the control panel hold is written in the reader's words, and no value keeps a table from being drawn.
import { expect, it, vi } from 'vitest';
import { shownField, shownValue } from '../../src/admin/show';
import { at } from '../../src/i18n/words.svelte';

vi.stubGlobal('navigator', { languages: ['en-GB'] });

it('are moments only where the whole text is one', () => {
  const moment = '2026-01-05T10:00:00.0000000Z';
  expect(shownValue(moment)).toBe(at.moment(moment));
  expect(shownValue(moment)).not.toBe(moment);
  for (const name of ['2026-01-05T10:00 outage', '2026-01-05T10:00Z and after', 'of 2026-01-05T10:00Z']) expect(shownField('name', name)).toBe(name);
});

it('are shown as they are where they are no moments after all', () => {
  expect(shownValue('2026-13-45T99:99:99Z')).toBe('2026-13-45T99:99:99Z');
  expect([at.time(''), at.day('yesterday'), at.moment('2026-01-05T10:00 outage')]).toEqual(['', 'yesterday', '2026-01-05T10:00 outage']);
});
