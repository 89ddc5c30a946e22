// A refusal is told in the reader's language, and nothing the server says of a value is lost by that.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Problem } from '../../src/api/client';
import { speak } from '../../src/i18n/words.svelte';

const detail = "'carol@example.com' is nobody here: give an address of a person who is";
const atMembers = () => new Problem(400, 'InvalidArgument', detail, 'members');

beforeEach(() => vi.stubGlobal('document', { documentElement: {} }));
afterEach(async () => {
  await speak('en');
  vi.unstubAllGlobals();
});

it('at a field is the server’s own sentence in English, and told once', () => {
  expect([atMembers().message, atMembers().rest]).toEqual([detail, null]);
});

it('at a field is a French sentence, and which entry is meant stands behind it', async () => {
  await speak('fr');
  expect(atMembers().message).toMatch(/^Cette valeur ne convient pas : l’aide/);
  expect(atMembers().rest).toBe(detail);
});

it('of no field, or told whole, has nothing behind it', async () => {
  await speak('fr');
  const whole = new Problem(400, 'InvalidArgument', detail);
  expect([whole.message, whole.rest]).toEqual([`Cette valeur ne convient pas : ${detail}`, null]);
  expect(new Problem(404, 'NoSuchPrincipal', detail, 'members').rest).toBeNull();
});
