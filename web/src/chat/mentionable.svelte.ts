// Whom one can mention in a room: those who are there or have written first, then whoever else the server says may read it.
// The server is asked a moment after the last letter, and only what it says of the newest beginning counts.
import { ask, query, type Person } from '../api/client';
import type { Room } from './room.svelte';

const ASK_AFTER_MS = 150;

export class Mentionable {
  /** What the server has said, and of which beginning. */
  private told: { word: string; people: Person[] } = $state.raw({ word: '', people: [] });
  private wanted = '';
  private waits: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly room: Room,
    private readonly self: () => string | undefined,
  ) {}

  /** Everybody whose name begins so, as far as it is known now. */
  of(word: string): Person[] {
    const near = [...this.room.people.map((one) => one.person), ...this.room.posts.map((post) => post.author)];
    const { told } = this;
    // What was said of fewer letters holds for more of them, as far as it can be seen here.
    const far = told.word === word ? told.people : word.startsWith(told.word) ? told.people.filter((one) => begins(one, word)) : [];
    const all = new Map([...near.filter((one) => begins(one, word)), ...far].map((one) => [one.guid, one]));
    all.delete(this.self() ?? '');
    return [...all.values()];
  }

  /** Somebody is looked for by the beginning of a name; by none, nobody is any more. */
  look(word: string): void {
    if (word === this.wanted) return;
    this.wanted = word;
    clearTimeout(this.waits);
    if (word !== '') this.waits = setTimeout(() => void this.ask(word), ASK_AFTER_MS);
  }

  private async ask(word: string): Promise<void> {
    const path = `/rooms/${this.room.guid}/mentionable${query({ q: word })}`;
    const answer = await ask<{ people: Person[] }>('GET', path).catch(() => null);
    if (answer && word === this.wanted) this.told = { word, people: answer.people };
  }
}

/** Whether a word of somebody's names begins so. */
function begins(person: Person, word: string): boolean {
  const words = `${person.displayName} ${person.address.slice(4)}`.toLocaleLowerCase().split(/[\s.@-]/);
  return words.some((piece) => piece.startsWith(word));
}
