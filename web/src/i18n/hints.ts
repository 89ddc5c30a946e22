// What is said of the fields of operations. In English the API's own document says it; other languages have a text for each of its sentences.
import type { Language } from './words.svelte';

/** Sentences of the document in another language. */
export type Hints = Record<string, string>;

/** The hints of a language, asked for when a form needs them. */
export async function hintsOf(language: Language): Promise<Hints | null> {
  return language === 'fr' ? (await import('./hints.fr.json')).default : null;
}

/** A sentence of the document as it is shown; with `null` as it is. */
export function hintOf(hints: Hints | null, text: string): string {
  return hints === null ? text : (hints[text] ?? '');
}
