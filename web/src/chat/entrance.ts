// Which room somebody goes to, and at which post: the last wish counts, and an answer to an earlier one takes no screen.
// A room that is shut is asked about again, and entered where one wished when it is open. What is live `house.svelte.ts` knows.
import { Problem, type Card } from '../api/client';
import { t } from '../i18n/words.svelte';
import { cardOf } from './card';
import type { Joined } from './joined';
import type { Room } from './room.svelte';

/** What this needs to know of the house. */
export interface Around {
  rooms(): Record<string, Room>;
  /** The room of a card, known from then on. */
  room(card: Card): Room;
  joined(): Joined;
  /** Brings a room to the screen. */
  show(guid: string): void;
}

/** A room, and the post that is wanted of it; its newest ones without. */
interface Wish {
  room: string;
  post: number | null;
}

export class Entrance {
  private wish: Wish | null = null;

  constructor(private readonly around: Around) {}

  /** Nobody wishes to go anywhere any more. */
  forget(): void {
    this.wish = null;
  }

  /** Opens a room: reads its newest posts, and hears what is said there from now on. Null when something else was wished since. */
  async open(guid: string): Promise<Room | null> {
    const room = await this.enter(guid, null);
    await room?.open();
    if (room) void this.around.joined().insist(room);
    return room;
  }

  /**
   * Opens a room at a post; the posts around it are read, and no others. `found` is false when it is not there; null is given when
   * something else was wished since.
   */
  async openAt(guid: string, post: number): Promise<{ room: Room; found: boolean } | null> {
    const room = await this.enter(guid, post);
    return room && { room, found: await room.goToPost(post) };
  }

  /** Rooms that were shut, and may be read now, are opened where they are wished for. */
  admit(cards: Card[]): void {
    for (const card of cards) {
      const room = this.around.rooms()[card.guid];
      if (!room?.shut || card.disabled || !card.rights.includes('read')) continue;
      room.unlock(card);
      if (this.wish?.room === card.guid) void this.again(room, this.wish).catch(() => {});
    }
  }

  /** Asks what a room that is shut is to the reader now. */
  async look(guid: string): Promise<void> {
    const room = this.around.rooms()[guid];
    if (!room?.shut) return;
    const told = await cardOf(guid).catch((error: unknown) => (error instanceof Problem ? error.code : ''));
    if (this.around.rooms()[guid] !== room || !room.shut) return;
    if (typeof told !== 'string') this.admit([told]);
    if (room.shut) room.learn(told);
  }

  private async enter(room: string, post: number | null): Promise<Room | null> {
    if (this.wish?.room !== room || this.wish.post !== post) this.wish = { room, post };
    const { wish } = this;
    let known = this.around.rooms()[room];
    if (!known || known.shut) {
      const told = await cardOf(room);
      if (this.wish !== wish) return null;
      known = this.around.room(told);
      known.unlock(told);
    }
    this.around.show(room);
    if (!known.shut) this.around.joined().join([known]);
    return known;
  }

  /** Enters a room that was shut, where it is wished for; what passes is waited for. */
  private async again(room: Room, wish: Wish): Promise<void> {
    const { post } = wish;
    if (post === null) return void (await this.open(room.guid));
    const there = await this.openAt(room.guid, post);
    if (!there || there.found || room.shut) return;
    if (room.passing) {
      await this.around.joined().patience();
      if (this.wish === wish) await this.again(room, wish);
    } else if (!room.trouble) room.trouble = t('room.noPost', { post });
  }
}
