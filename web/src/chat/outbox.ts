// What was said and is not kept yet: in order, on this machine, until the server says that it is.
// A post that is sent again keeps its client id, so that the server keeps it once.
import { Problem, type Message, type Person, type Posted } from '../api/client';

export interface Waiting {
  id: string;
  room: string;
  text: string;
  alert: boolean;
  /** The newest post of the room that was known when it was said. */
  after: number;
  /** When it was said. */
  time: string;
  /** Why it was refused; it waits for its author to say what shall become of it. */
  failed: string | null;
}

/** The copy on this machine, which all tabs of one person share. */
export interface Keep {
  read(): Waiting[];
  /** False when the machine does not take it. */
  write(all: Waiting[]): boolean;
}

export type Send = (post: Waiting) => Promise<Posted>;

/** Posts that wait at most; beyond it nothing more is taken (ours: an hour without a network). */
export const WAITING_MAX = 200;

/** All posts of one person on this machine that wait. */
export class Outbox {
  private running: Promise<void> | null = null;
  /** What the machine did not take: posts as they are now, null for those that are gone. It stands above the copy. */
  private readonly untaken = new Map<string, Waiting | null>();

  constructor(
    private readonly keep: Keep,
    private readonly send: Send,
    private readonly ears: { changed(all: Waiting[]): void; kept(post: Waiting, posted: Posted): void },
  ) {}

  all(): Waiting[] {
    const copy = this.keep.read();
    const added = [...this.untaken.values()].filter((post) => post && !copy.some((one) => one.id === post.id));
    const now = copy.map((post) => (this.untaken.has(post.id) ? this.untaken.get(post.id) : post));
    return [...now, ...added].filter((post) => !!post);
  }

  /** Whether something waits that is lost with the page. */
  get isFragile(): boolean {
    return [...this.untaken.values()].some((post) => post !== null);
  }

  /** Takes a post; false when too many wait. What the machine does not keep is taken only when nothing else waits: it goes at once. */
  add(post: Waiting): boolean {
    const all = this.all();
    if (all.length >= WAITING_MAX) return false;
    this.untaken.set(post.id, post);
    if (!this.copy() && all.length > 0) {
      this.untaken.delete(post.id);
      return false;
    }
    this.ears.changed(this.all());
    return true;
  }

  /** Sends a post that was refused again. */
  retry(id: string): void {
    const post = this.all().find((one) => one.id === id);
    if (post) this.put(id, { ...post, failed: null });
  }

  /** Gives a post up. */
  drop(id: string): void {
    this.put(id, null);
  }

  /** Sends what waits, in order; ends when nothing is left or the server cannot be reached. */
  flush(): Promise<void> {
    this.running ??= this.run().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async run(): Promise<void> {
    for (;;) {
      const all = this.all();
      const blocked = new Set(all.filter((post) => post.failed !== null).map((post) => post.room));
      // What was said after a refused post in the same room would come in another order.
      const next = all.find((post) => post.failed === null && !blocked.has(post.room));
      if (!next) return;
      try {
        const posted = await this.send(next);
        this.drop(next.id);
        this.ears.kept(next, posted);
      } catch (error) {
        if (!(error instanceof Problem) || error.passing || error.status === 401) return;
        const failed = error.message;
        // Its author may have given it up meanwhile.
        if (this.all().some((post) => post.id === next.id)) this.put(next.id, { ...next, failed });
      }
    }
  }

  private put(id: string, post: Waiting | null): void {
    this.untaken.set(id, post);
    this.copy();
    this.ears.changed(this.all());
  }

  /** Writes the copy anew. */
  private copy(): boolean {
    const written = this.keep.write(this.all());
    if (written) this.untaken.clear();
    return written;
  }
}

/** A post that waited, as it was kept. */
export function asKept(post: Waiting, posted: Posted, author: Person): Message {
  const { room, text, alert } = post;
  return { room, ...posted, author, alert, story: false, title: null, changed: null, text, rtf: null, mentions: [] };
}
