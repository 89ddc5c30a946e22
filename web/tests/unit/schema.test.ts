// Forms follow the API's own document: every operation of the panel is in it, and only what changed is sent.
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { NOUNS, QUESTIONS } from '../../src/admin/nouns';
import { addressOf, body, operation, search, unready, type Document } from '../../src/admin/schema';
import en from '../../src/i18n/english';

const document = JSON.parse(readFileSync('../docs/reference/openapi.json', 'utf8')) as Document;
const ids = [
  ...NOUNS.flatMap((noun) => [noun.create, noun.set, noun.remove, ...noun.actions.map((one) => one.id), ...noun.bulk.map((one) => one.id)]),
  ...QUESTIONS.flatMap((one) => one.ids),
].filter((id) => id !== null);

describe('operations of the panel', () => {
  it('are all in the document, with words in the languages', () => {
    for (const id of new Set(ids)) {
      expect(operation(document, id).fields.length, id).toBeGreaterThan(0);
      expect(en, id).toHaveProperty([`op.${id}`]);
    }
    for (const key of ['overview', ...NOUNS.map((noun) => noun.key), ...QUESTIONS.map((one) => one.key)]) expect(en).toHaveProperty([`panel.${key}`]);
  });

  it('have a field for each thing that can be said', () => {
    const kinds = Object.fromEntries(operation(document, 'roomNew').fields.map((one) => [one.name, one.kind]));
    expect(kinds).toMatchObject({ name: 'text', category: 'text', privacy: 'choice', members: 'list', disabled: 'yes', description: 'long' });
    expect(operation(document, 'roomNew').fields.find((one) => one.name === 'privacy')?.choices).toEqual(['open', 'closed', 'secret']);
    expect(operation(document, 'roomClear').rehearses).toBe(true);
  });
});

describe('what is sent', () => {
  const { fields } = operation(document, 'roomSet');
  const before = { name: 'Lobby', description: 'old', privacy: 'open', disabled: false, members: ['sip:a@x'], addIn: 'Board' };

  it('is only what has changed', () => {
    expect(body(fields, { ...before }, before)).toEqual({});
    expect(body(fields, { ...before, description: '' }, before)).toEqual({ description: '' });
    expect(body(fields, { ...before, addIn: '' }, before)).toEqual({ addIn: null });
    expect(body(fields, { ...before, disabled: true }, before)).toEqual({ disabled: true });
  });

  it('says of a list who comes and who goes', () => {
    expect(body(fields, { ...before, members: ['sip:b@x'] }, before)).toEqual({ members: { add: ['sip:b@x'], remove: ['sip:a@x'] } });
  });

  it('puts names into paths as they are', () => {
    expect(addressOf('/rooms/{room}', { room: 'A/B & C' })).toBe('/rooms/A%2FB%20%26%20C');
  });
});

describe('a moment', () => {
  const { fields } = operation(document, 'messageRemove');
  const audit = operation(document, 'auditList').fields;
  afterEach(() => vi.unstubAllEnvs());

  it('is sent with the zone of the reader, as it is on that day', () => {
    vi.stubEnv('TZ', 'Europe/Paris');
    expect(body(fields, { startDate: '2026-01-05T10:15', endDate: '2026-07-05T10:15' }, null)).toEqual({
      startDate: '2026-01-05T09:15:00.000Z',
      endDate: '2026-07-05T08:15:00.000Z',
    });
    vi.stubEnv('TZ', 'America/New_York');
    expect(search(audit, { startDate: '2026-01-05T22:15' })).toMatchObject({ startDate: '2026-01-06T03:15:00.000Z' });
  });

  it('is a day where no time is given', () => {
    vi.stubEnv('TZ', 'Europe/Paris');
    expect(body(fields, { startDate: '2026-01-05', endDate: '' }, null)).toEqual({ startDate: '2026-01-05' });
    expect(search(audit, { startDate: '2026-01-05' })['startDate']).toBe('2026-01-05');
  });

  it('is not sent as nothing when only a time is given', () => {
    const given = { room: 'Lobby', filter: 'code', startDate: 'T10:15' };
    expect(unready(fields, given)).toEqual({ name: 'startDate', text: 'form.day' });
    expect(unready(fields, { ...given, startDate: '2026-01-05T10:15' })).toBeNull();
    expect(unready(fields, { ...given, room: '' })).toEqual({ name: 'room', text: 'form.required' });
  });
});
