// What somebody has begun to write in a room: on this machine, and on the page when the machine does not take it.
// What was sent is in `outbox.ts`.
import { keep, kept, names } from './keep';

export interface Draft {
  text: string;
  title: string;
  alert: boolean;
  story: boolean;
}

const EMPTY: Draft = { text: '', title: '', alert: false, story: false };

/** The drafts of one person. */
export class Drafts {
  /** Those the machine did not take, by room. */
  private readonly untaken = new Map<string, Draft>();

  constructor(private readonly owner: string) {}

  of(room: string): Draft {
    return { ...(this.untaken.get(room) ?? kept(this.owner, `draft.${room}`, EMPTY)) };
  }

  /** Keeps a draft; one without a word is forgotten. */
  set(room: string, draft: Draft): void {
    const written = hasWords(draft) ? draft : null;
    if (keep(this.owner, `draft.${room}`, written)) this.untaken.delete(room);
    else this.untaken.set(room, draft);
  }

  /** How many there are. */
  get count(): number {
    const rooms = names(this.owner).filter((name) => name.startsWith('draft.')).map((name) => name.slice(6));
    return [...new Set([...rooms, ...this.untaken.keys()])].filter((room) => hasWords(this.of(room))).length;
  }

  /** Whether something was begun that is lost with the page. */
  get isFragile(): boolean {
    return [...this.untaken.values()].some(hasWords);
  }
}

function hasWords(draft: Draft): boolean {
  return draft.text !== '' || draft.title !== '';
}
