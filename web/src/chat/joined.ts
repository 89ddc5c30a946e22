// That rooms are joined once, left at once, and read as far as the link does not tell: what passes is waited for and asked for again.
// Which rooms are wanted, `house.svelte.ts` says.
import { ask, type Card, type LiveCommand } from '../api/client';
import type { Room } from './room.svelte';

/** What could not be read, or joined, is asked for again after so long. */
const ASK_AGAIN_MS = 5_000;
/**
 * How often people are counted in the room on the screen: of a large one no event tells who comes and goes. As often it is asked whether
 * one that is shut is open now: of one that lets everybody in nobody is told who was not in it.
 */
const COUNT_EVERY_MS = 20_000;
/** Rooms that are joined by one command (half of what one may name). */
const TOGETHER = 500;

/** What this needs to know of the house. */
export interface Around {
  rooms(): Record<string, Room>;
  /** The room on the screen. */
  current(): string | null;
  /** False when the link is not open. */
  say(command: LiveCommand): boolean;
  /** Joins what is wanted and not joined. */
  joinAll(): void;
  /** Asks what a room that is shut is to the reader now. */
  look(guid: string): Promise<void>;
}

export class Joined {
  /** Whoever waits until asking again may help. */
  private readonly patient = new Set<() => void>();
  /** Rooms that are being read until they are. */
  private readonly insisting = new Set<Room>();
  private counting: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly around: Around) {}

  /** Joins rooms, each once: whoever joins twice is told twice what was missed. */
  join(rooms: Room[]): void {
    const apart = rooms.filter((room) => !room.joined && !room.joining);
    for (let from = 0; from < apart.length; from += TOGETHER) {
      const some = apart.slice(from, from + TOGETHER);
      const said = this.around.say({ do: 'join', rooms: some.map((room) => ({ room: room.guid, after: room.after })) });
      for (const room of some) room.joining = said;
    }
  }

  /** Leaves a room. Whoever comes back before that is answered joins anew. */
  part(guid: string): void {
    if (this.around.say({ do: 'part', rooms: [guid] })) this.around.rooms()[guid]?.part();
  }

  /** The link has opened: what waited goes on. */
  opened(): void {
    for (const end of [...this.patient]) end();
    clearInterval(this.counting);
    this.counting = setInterval(() => void this.count(), COUNT_EVERY_MS);
  }

  /** The link is lost, and with it every room is left. */
  lost(): void {
    clearInterval(this.counting);
    for (const room of Object.values(this.around.rooms())) room.joined = room.joining = false;
  }

  private async count(): Promise<void> {
    const room = this.around.rooms()[this.around.current() ?? ''];
    if (!room || document.visibilityState === 'hidden') return;
    if (room.shut) return this.around.look(room.guid);
    if (!room.joined) return;
    const found = await ask<{ rows: Partial<Card>[] }>('GET', `/rooms/${room.guid}`).catch(() => null);
    const count = found?.rows[0]?.participants;
    if (count !== undefined) room.measure(count);
  }

  /** A room was not joined; without one, it is not known which, and all that wait for an answer are joined again, later. */
  refused(guid: string | null): void {
    const rooms = this.around.rooms();
    const one = guid === null ? undefined : rooms[guid];
    if (one) one.joining = false;
    const waiting = guid === null ? Object.values(rooms).filter((room) => room.joining) : [];
    if (waiting.length === 0) return;
    void this.patience().then(() => {
      for (const room of waiting) room.joining = false;
      this.around.joinAll();
    });
  }

  /** More has happened in a room, up to a position, than the link tells. */
  async missed(guid: string, to: string): Promise<void> {
    const room = this.around.rooms()[guid];
    await room?.miss(to, this.around.current() === guid);
    if (room) await this.insist(room);
  }

  /** Reads the room on the screen until it is read. */
  async insist(room: Room): Promise<void> {
    const { rooms, current } = this.around;
    const isWanted = () => current() === room.guid && rooms()[room.guid] === room && !room.loaded && room.passing;
    if (this.insisting.has(room)) return;
    this.insisting.add(room);
    while (isWanted()) {
      await this.patience();
      if (isWanted()) await room.open();
    }
    this.insisting.delete(room);
  }

  /** Waits until asking again may help: the link has opened, or some time has passed. */
  patience(): Promise<void> {
    return new Promise((done) => {
      const end = () => {
        clearTimeout(timer);
        this.patient.delete(end);
        done();
      };
      const timer = setTimeout(end, ASK_AGAIN_MS);
      this.patient.add(end);
    });
  }
}
