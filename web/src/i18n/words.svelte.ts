// The words of the page in the language of whoever reads it. Keys are those of `english.ts`, and in every other
// language the same.
// A text is never put together from pieces of sentences.
import en from './english';

type Key = keyof typeof en;
export const LANGUAGES = { en: 'English', fr: 'Français' } as const;
export type Language = keyof typeof LANGUAGES;

const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur']);

class Words {
  language: Language = $state('en');
  all: Record<string, string> = $state.raw(en);
}

export const words = new Words();

/** The language a person has chosen here, or the browser's first that there is. */
export function preferred(): Language {
  const all = [localStorage.getItem('causerie.language') ?? '', ...navigator.languages];
  const found = all.map((tag) => tag.split('-')[0] ?? '').find((tag) => tag in LANGUAGES);
  return (found ?? 'en') as Language;
}

/** Speaks another language. */
export async function speak(language: Language): Promise<void> {
  words.all = language === 'fr' ? (await import('./french')).default : en;
  words.language = language;
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr';
}

/** Speaks another language from now on. */
export async function choose(language: Language): Promise<void> {
  localStorage.setItem('causerie.language', language);
  await speak(language);
}

/** What is made once for each language, because making it takes longer than drawing a post. */
function once<T>(make: (language: string) => T): (language: string) => T {
  const made = new Map<string, T>();
  return (language) => {
    const known = made.get(language) ?? make(language);
    made.set(language, known);
    return known;
  };
}

const plural = once((language) => new Intl.PluralRules(language));

/** A text; `{name}` becomes a value, and of a text that counts the form that fits `count` is taken. */
export function t(key: Key | (string & {}), values: Record<string, string | number> = {}): string {
  let text = words.all[key];
  if (typeof values['count'] === 'number') {
    const form = plural(words.language).select(values['count']);
    text = words.all[`${key}.${form}`] ?? words.all[`${key}.other`] ?? text;
  }
  return (text ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The name of a field or a value; without one it is called what it is. */
export function labelOf(kind: 'field' | 'choice' | 'usage', name: string): string {
  return words.all[`${kind}.${name}`] ?? name;
}

/** How numbers and times are written: as the browser's own kind of the language has it. */
function region(): string {
  return navigator.languages.find((tag) => tag.split('-')[0] === words.language) ?? words.language;
}

const time = written({ hour: '2-digit', minute: '2-digit' });
const day = written({ weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' });
const moment = written({ dateStyle: 'medium', timeStyle: 'short' });
const number = once((language) => new Intl.NumberFormat(language));

/** A time of day, a day, a moment, a number, as it is written here. */
export const at = { time, day, moment, number: (value: number) => number(region()).format(value) };

/** Writes a time; a text that is none stays what it is. */
function written(options: Intl.DateTimeFormatOptions): (iso: string) => string {
  const format = once((language) => new Intl.DateTimeFormat(language, options));
  return (iso) => {
    const date = new Date(iso);
    return Number.isNaN(date.getTime()) ? iso : format(region()).format(date);
  };
}
