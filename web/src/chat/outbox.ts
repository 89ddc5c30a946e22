// What was said and is not kept yet: in order, on this machine, until the server says that it is.
// A post that is sent again keeps its client id, so that the server keeps it once.
import { Problem, type Posted } from '../api/client';

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

export interface Keep {
  read(): Waiting[];
  write(all: Waiting[]): void;
}

export type Send = (post: Waiting) => Promise<Posted>;

/** Posts that wait at most; beyond it nothing more is taken (ours: an hour without a network). */
export const WAITING_MAX = 200;

/** All posts of one person on this machine that wait. */
export class Outbox {
  private running: Promise<void> | null = null;

  constructor(
    private readonly keep: Keep,
    private readonly send: Send,
    private readonly ears: { changed(all: Waiting[]): void; kept(post: Waiting, posted: Posted): void },
  ) {}

  all(): Waiting[] {
    return this.keep.read();
  }

  /** Takes a post; false when too many wait. */
  add(post: Waiting): boolean {
    const all = this.keep.read();
    if (all.length >= WAITING_MAX) return false;
    this.put([...all, post]);
    return true;
  }

  /** Sends a post that was refused again. */
  retry(id: string): void {
    this.put(this.keep.read().map((post) => (post.id === id ? { ...post, failed: null } : post)));
  }

  /** Gives a post up. */
  drop(id: string): void {
    this.put(this.keep.read().filter((post) => post.id !== id));
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
      const all = this.keep.read();
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
        this.put(this.keep.read().map((post) => (post.id === next.id ? { ...post, failed } : post)));
      }
    }
  }

  private put(all: Waiting[]): void {
    this.keep.write(all);
    this.ears.changed(all);
  }
}
