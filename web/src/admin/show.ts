// A value of a row as a line of text. Pure but for the language it is written in.
import { at, t, words } from '../i18n/words.svelte';

/** A moment as the server writes it, whole: what merely begins like one is a name or a text. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** Which texts the values of a field have. */
const TEXTS: Record<string, string> = { privacy: 'privacy', type: 'kind', kind: 'choice', role: 'choice', scope: 'choice', right: 'choice', invitations: 'choice' };

/** The value of a field in the reader's words. */
export function shownField(name: string, value: unknown): string {
  const kind = TEXTS[name];
  return kind && typeof value === 'string' && words.all[`${kind}.${value}`] ? t(`${kind}.${value}`) : shownValue(value);
}

/** What a change is about: a kind of thing in the reader's words, and its name. */
export function shownObject(object: string): string {
  const [, kind = '', name = ''] = /^(\S+) (.+)$/s.exec(object) ?? [];
  const key = `field.${kind.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}`;
  return words.all[key] ? t('outcome.thing', { kind: t(key), name }) : object;
}

export function shownValue(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  if (value === true) return t('value.yes');
  if (value === false) return t('value.no');
  if (typeof value === 'number') return at.number(value);
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(shownValue).join(', ');
  if (typeof value === 'object') {
    return Object.entries(value)
      .filter(([, part]) => part !== null && !(Array.isArray(part) && part.length === 0))
      .map(([name, part]) => `${name}: ${shownValue(part)}`)
      .join('; ');
  }
  const text = String(value);
  return MOMENT.test(text) ? at.moment(text) : text;
}
