// What is being completed where one writes: a word that begins with @ or : before the caret, what it may become, and which of it is
// chosen. The choice is of a person or a sign, so that an answer that comes late changes the list and never the choice.
import type { Mentionable } from './mentionable.svelte';
import { namesOf } from './text';

/** Something a word may become. */
export interface Suggestion {
  key: string;
  shown: string;
  text: string;
}

/** The word that is being completed. */
interface Asked {
  sign: '@' | ':';
  word: string;
  from: number;
}

const SUGGESTED_MAX = 8;

export class Completion {
  private asked: Asked | null = $state.raw(null);
  /** What stands before the caret, and what stood there when somebody said that it is not to be completed. */
  private head = '';
  private dismissed: string | null = null;
  /** What is chosen, until the word is another one. */
  private key: string | null = $state(null);
  /** Whether somebody has chosen it, and not the list. */
  private picked = false;
  private readonly found = $derived(this.asked ? this.all(this.asked) : []);
  /** A name that stands there whole needs no completing: nothing is chosen by itself. */
  private readonly isWhole = $derived(this.asked !== null && this.isName(this.asked));
  /** What is offered: the first ones, and what is chosen wherever it stands. */
  readonly suggested: Suggestion[] = $derived.by(() => {
    const first = this.found.slice(0, SUGGESTED_MAX);
    const chosen = this.found.find((one) => one.key === this.key);
    return !chosen || first.some((one) => one.key === chosen.key) ? first : [...first.slice(0, -1), chosen];
  });
  readonly chosen = $derived(this.suggested.find((one) => one.key === this.key) ?? null);

  constructor(
    private readonly people: Mentionable,
    private readonly signs: Record<string, string>,
  ) {}

  /** Somebody has written, or gone elsewhere in the text. */
  read(text: string, caret: number): void {
    this.head = text.slice(0, caret);
    if (this.dismissed !== this.head) this.dismissed = null;
    const found = /(?:^|\s)([@:])([^\s@:]{0,40})$/u.exec(this.head);
    const [, sign, word = ''] = found ?? [];
    const isAsked = found && this.dismissed === null && (sign === '@' || word.length >= 2);
    const asked = isAsked ? { sign: sign as '@' | ':', word: word.toLocaleLowerCase(), from: caret - word.length - 1 } : null;
    const before = this.asked;
    if (asked?.from === before?.from && asked?.sign === before?.sign && asked?.word === before?.word) return;
    this.ask(asked);
  }

  /** The list may be another one: what is chosen stays, and where nothing is it is the first. */
  settle(): void {
    if (this.chosen !== null && (this.picked || !this.isWhole)) return;
    this.key = this.isWhole ? null : (this.suggested[0]?.key ?? null);
    this.picked = false;
  }

  /** Chooses the next one, or the one before. */
  step(by: 1 | -1): void {
    const all = this.suggested;
    const at = all.findIndex((one) => one.key === this.key);
    const from = at < 0 && by < 0 ? 0 : at;
    this.key = all[(from + by + all.length) % all.length]?.key ?? null;
    this.picked = true;
  }

  dismiss(): void {
    this.dismissed = this.head;
    this.ask(null);
  }

  /** The text with a suggestion in the place of the word, and where the caret is then. */
  put(one: Suggestion, text: string): { text: string; caret: number } {
    const from = this.asked?.from ?? this.head.length;
    return { text: text.slice(0, from) + one.text + text.slice(this.head.length), caret: from + one.text.length };
  }

  private ask(asked: Asked | null): void {
    this.asked = asked;
    this.key = null;
    this.picked = false;
    this.people.look(asked?.sign === '@' ? asked.word : '');
  }

  private isName({ sign, word }: Asked): boolean {
    return sign === '@' && this.people.of(word).some((one) => namesOf(one).includes(word));
  }

  private all({ sign, word }: Asked): Suggestion[] {
    if (sign === ':') {
      const names = Object.keys(this.signs).filter((name) => name.includes(word));
      return names.map((name) => ({ key: name, shown: `${this.signs[name]} ${name}`, text: `${this.signs[name]} ` }));
    }
    const found = this.people.of(word);
    // Nobody else can be meant.
    if (found.length === 1 && this.isName({ sign, word, from: 0 })) return [];
    return found.map((person) => ({ key: person.guid, shown: person.displayName, text: `@${person.displayName} ` }));
  }
}
