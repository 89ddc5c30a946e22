// What a text holds beside words: links, mentions, words that are looked for. A text becomes parts, never markup.
// Pure; how parts look is `ui/Words.svelte`.

export type Part =
  | { kind: 'words'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'mention'; text: string; me: boolean }
  | { kind: 'hit'; text: string };

/** Only what is safe to follow becomes a link: two schemes, no user, and what ends a sentence does not belong to it. */
const LINK = /\bhttps?:\/\/[^\s<>"'`{}|\\^]+/giu;
/** A name stands alone: these are looked for beside it. */
const LETTER_BEFORE = /[\p{L}\p{N}_]$/u;
const LETTER_AFTER = /^[\p{L}\p{N}_]/u;
const TAIL = /[.,;:!?)\]}'"»]+$/u;

/** A name that mentions somebody, as it is written after its sign. */
export interface Named {
  name: string;
  /** Whether that is the reader. */
  me: boolean;
}

export interface Known {
  /** Whom the text mentions, as the server has found. */
  mentions?: readonly Named[];
  /** Words that are highlighted. */
  words?: readonly string[];
}

/** The parts of a text. */
export function parts(text: string, known: Known): Part[] {
  const all: Part[] = [];
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    const whole = found[0].replace(TAIL, '');
    const href = safe(whole);
    if (!href) continue;
    mentions(text.slice(from, found.index), known, all);
    all.push({ kind: 'link', text: whole, href });
    from = found.index + whole.length;
  }
  mentions(text.slice(from), known, all);
  return all;
}

/** An address that may be followed. */
export function safe(text: string): string | null {
  try {
    const url = new URL(text);
    const web = url.protocol === 'https:' || url.protocol === 'http:';
    return web && !url.username && !url.password ? url.href : null;
  } catch {
    return null;
  }
}

function mentions(text: string, known: Known, all: Part[]): void {
  let from = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    if (at > 0 && LETTER_BEFORE.test(text.slice(Math.max(0, at - 2), at))) continue;
    const name = longest(text.slice(at + 1), known.mentions ?? []);
    if (!name) continue;
    hits(text.slice(from, at), known.words, all);
    const me = (known.mentions ?? []).some((one) => one.me && one.name === name);
    all.push({ kind: 'mention', text: `@${name}`, me });
    from = at + 1 + name.length;
    at = from - 1;
  }
  hits(text.slice(from), known.words, all);
}

/** The longest of these names a text begins with, as a whole. */
function longest(text: string, mentions: readonly Named[]): string | null {
  let best: string | null = null;
  for (const { name } of mentions) {
    const ends = !LETTER_AFTER.test(text.slice(name.length, name.length + 2));
    if (text.startsWith(name) && ends && name.length > (best?.length ?? 0)) best = name;
  }
  return best;
}

function hits(text: string, words: readonly string[] | undefined, all: Part[]): void {
  if (!text) return;
  const wanted = (words ?? []).filter((word) => word.length > 0).map(escaped);
  if (wanted.length === 0) return void all.push({ kind: 'words', text });
  for (const [index, piece] of text.split(new RegExp(`(${wanted.join('|')})`, 'giu')).entries()) {
    if (piece) all.push({ kind: index % 2 === 1 ? 'hit' : 'words', text: piece });
  }
}

function escaped(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** How a person may be mentioned, folded. */
export function namesOf(person: { address: string; displayName: string }): string[] {
  const local = person.address.replace(/^sip:/, '').split('@')[0] ?? '';
  return [local, person.displayName].filter(Boolean).map((name) => name.toLocaleLowerCase());
}

/** What a story says after its mark, `[STORY:The title]`, and its title. */
export function storyBody(text: string, title: string): string {
  const rest = text.replace(/^\[STORY[^\]]*\]\s*/, '');
  return title && rest.startsWith(title) ? rest.slice(title.length).trimStart() : rest;
}
