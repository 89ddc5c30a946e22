// What a text holds beside words: links, mentions, words that are looked for. A text becomes parts, never markup.
// Pure; how parts look is `ui/Words.svelte`.

export type Part =
  | { kind: 'words'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'mention'; text: string; me: boolean }
  | { kind: 'hit'; text: string };

/** Only what is safe to follow becomes a link: two schemes, no user, and what ends a sentence does not belong to it. */
const LINK = /\bhttps?:\/\/[^\s<>"'`{}|\\^]+/giu;
const TAIL = /[.,;:!?)\]}'"»]+$/u;

export interface Known {
  /** Display names and local parts of people who may be mentioned. */
  names: ReadonlySet<string>;
  /** Those of the reader. */
  mine: ReadonlySet<string>;
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
    if (at > 0 && /[\p{L}\p{N}_]/u.test(text[at - 1] ?? '')) continue;
    const name = longest(text.slice(at + 1), known.names);
    if (!name) continue;
    hits(text.slice(from, at), known.words, all);
    all.push({ kind: 'mention', text: `@${text.slice(at + 1, at + 1 + name.length)}`, me: known.mine.has(name) });
    from = at + 1 + name.length;
    at = from - 1;
  }
  hits(text.slice(from), known.words, all);
}

/** The longest known name a text begins with, as a whole. */
function longest(text: string, names: ReadonlySet<string>): string | null {
  const folded = text.toLocaleLowerCase();
  let best: string | null = null;
  for (const name of names) {
    const ends = !/[\p{L}\p{N}_]/u.test(folded[name.length] ?? ' ');
    if (folded.startsWith(name) && ends && name.length > (best?.length ?? 0)) best = name;
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

/** Whether somebody is mentioned in a text. */
export function mentionsMe(text: string | null, mine: ReadonlySet<string>): boolean {
  if (!text?.includes('@')) return false;
  return parts(text, { names: mine, mine }).some((part) => part.kind === 'mention');
}

/** What a story says after its mark, `[STORY:The title]`, and its title. */
export function storyBody(text: string, title: string): string {
  const rest = text.replace(/^\[STORY[^\]]*\]\s*/, '');
  return title && rest.startsWith(title) ? rest.slice(title.length).trimStart() : rest;
}
