// Everything one person has before it: who it is, its rooms, what is live, what waits to be sent. One for the page.
// Draws nothing; what is on the screen reads it.
import {
  ask,
  Problem,
  refusal,
  whenSignedOff,
  type Card,
  type FollowedRoom,
  type Invitation,
  type LiveEvent,
  type Message,
  type Person,
  type Posted,
  type ReadMark,
  type SignedOn,
} from '../api/client';
import { Link, type LinkState } from '../live/link';
import { Drafts } from './drafts';
import { Entrance } from './entrance';
import { Feeds } from './feeds.svelte';
import { Joined } from './joined';
import { forget, keep, kept, remember, SIGNED_OUT } from './keep';
import { Names } from './names.svelte';
import { askToNotify, show } from './notice';
import { asKept, Outbox, type Waiting } from './outbox';
import { Room } from './room.svelte';
import { t } from '../i18n/words.svelte';

export type Notify = 'all' | 'mentions' | 'none';
/** Marks of reading are told together. */
const READ_AFTER_MS = 400;
/** What could not be sent is tried again after so long. */
const FLUSH_AGAIN_MS = 3_000;
/** What is no secret of a person on this machine, if that person says so. */
const CHOICES = ['feeds', 'feeds-seen', 'notify'];

class House {
  /** Undefined while that is not known. */
  person: Person | null | undefined = $state();
  roles: string[] = $state([]);
  link: LinkState = $state('off');
  rooms: Record<string, Room> = $state({});
  followed: FollowedRoom[] = $state.raw([]);
  private readonly followedRooms = $derived(new Set(this.followed.map((one) => one.room)));
  invitations: Invitation[] = $state.raw([]);
  memberOf: Card[] = $state.raw([]);
  waiting: Waiting[] = $state.raw([]);
  readonly feeds = new Feeds({ self: () => this.person?.guid ?? '', follows: (room) => this.isFollowed(room) });
  notify: Record<string, Notify> = $state({});
  /** Who was seen: people can be mentioned whom one has heard. */
  known: Map<string, Person> = $state.raw(new Map());
  /** Read to whoever cannot see the screen. */
  announcement = $state('');
  private readonly names = new Names();
  /** The room on the screen. */
  current: string | null = $state(null);
  drafts = new Drafts('');
  private outbox: Outbox | null = null;
  private live: Link | null = null;
  /** Whether the lists of rooms may be others than they are here. */
  private stale = false;
  private marks = new Map<string, number>();
  private marking: ReturnType<typeof setTimeout> | undefined;
  private flushing: ReturnType<typeof setTimeout> | undefined;
  private listing: ReturnType<typeof setTimeout> | undefined;
  readonly joined: Joined = new Joined({
    rooms: () => this.rooms,
    current: () => this.current,
    say: (command) => this.live?.say(command) ?? false,
    joinAll: () => this.joinAll(),
    look: (guid) => this.entrance.look(guid),
  });
  readonly entrance: Entrance = new Entrance({
    rooms: () => this.rooms,
    room: (card) => this.room(card),
    joined: () => this.joined,
    show: (guid) => this.show(guid),
  });

  get isAdministrator(): boolean {
    return this.roles.length > 0;
  }

  /** Finds out who is signed on. */
  async begin(): Promise<void> {
    whenSignedOff(() => this.end());
    try {
      await this.enter(await ask<SignedOn>('GET', '/session'));
    } catch (error) {
      if (error instanceof Problem && error.status === 401) this.person = null;
      else throw error;
    }
  }

  async signIn(address: string, password: string): Promise<void> {
    await this.enter(await ask<SignedOn>('POST', '/session', { address: address.trim(), password }));
  }

  /** What this machine has of the person, and signing out takes away: posts and drafts that were not sent, feeds. */
  leavings(): { unsent: number; feeds: number } {
    const owner = this.person?.guid ?? '';
    return { unsent: this.waiting.length + this.drafts.count, feeds: kept<unknown[]>(owner, 'feeds', []).length };
  }

  /** Ends the session, and takes everything of the person from this machine; feeds and what one is notified of may stay. */
  async signOut(choicesStay: boolean): Promise<void> {
    const owner = this.person?.guid;
    if (owner === undefined) return;
    try {
      await ask('DELETE', '/session');
    } catch (error) {
      // Whoever is still signed in is told so, and not that it is done.
      if (!(error instanceof Problem) || error.status !== 401) throw error;
    }
    forget(owner, choicesStay ? CHOICES : []);
    this.end();
  }

  private end(): void {
    removeEventListener('online', this.online);
    removeEventListener('storage', this.stored);
    removeEventListener('beforeunload', this.leaving);
    removeEventListener('pagehide', this.left);
    clearTimeout(this.flushing);
    this.live?.stop();
    this.live = null;
    this.outbox = null;
    this.person = null;
    this.roles = [];
    this.rooms = {};
    this.followed = [];
    this.invitations = [];
    this.memberOf = [];
    this.waiting = [];
    this.known = new Map();
    this.feeds.end();
    this.entrance.forget();
  }

  private async enter(signed: SignedOn): Promise<void> {
    if (!signed.person) throw new Problem(403, 'ErrorPermission', t('signIn.nobody'));
    const owner = signed.person.guid;
    this.person = signed.person;
    this.roles = signed.roles as string[];
    this.feeds.begin(owner);
    this.notify = kept<Record<string, Notify>>(owner, 'notify', {});
    remember(owner);
    this.drafts = new Drafts(owner);
    this.outbox = new Outbox(
      { read: () => kept<Waiting[]>(owner, 'outbox', []), write: (all) => keep(owner, 'outbox', all.length > 0 ? all : null) },
      (post) => this.send(owner, post),
      { changed: (all) => (this.waiting = all), kept: (post, posted) => this.keptPost(post, posted) },
    );
    this.waiting = this.outbox.all();
    // Without them the link is opened all the same, and they are read when it is.
    await this.lists().catch(() => (this.stale = true));
    this.live = new Link({
      event: (event) => this.hear(event),
      state: (state) => this.linked(state),
      // Whoever is no longer signed in is told so by any answer.
      failed: () => void ask('GET', '/session').then(() => {}, (error: Problem) => error.status === 401 && this.end()),
    });
    this.live.start();
    addEventListener('online', this.online);
    addEventListener('storage', this.stored);
    addEventListener('beforeunload', this.leaving);
    addEventListener('pagehide', this.left);
  }

  /** What the machine did not take is lost with the page: the browser asks first. */
  private readonly leaving = (event: BeforeUnloadEvent) => {
    if (this.outbox?.isFragile || this.drafts.isFragile) event.preventDefault();
  };

  /** What was read is told before the page is left. */
  private readonly left = () => this.tellMarks();

  /** Another tab has sent something, has more to send, or was signed out. */
  private readonly stored = (event: StorageEvent) => {
    if (event.key === SIGNED_OUT && event.newValue === this.person?.guid) {
      forget(this.person.guid, null);
      return this.end();
    }
    if (this.outbox && event.key?.endsWith('.outbox')) this.waiting = this.outbox.all();
  };

  private readonly online = () => {
    this.live?.hurry();
    void this.flush();
  };

  /** Reads which rooms the person has. */
  async lists(): Promise<void> {
    const [followed, invited, member] = await Promise.all([
      ask<{ rooms: FollowedRoom[] }>('GET', '/followed'),
      ask<{ invitations: Invitation[] }>('GET', '/invitations'),
      ask<{ rooms: Card[] }>('GET', '/member-of'),
    ]);
    this.followed = followed.rooms;
    this.invitations = invited.invitations;
    this.memberOf = member.rooms;
    for (const { card } of followed.rooms) if (card) this.room(card);
    this.entrance.admit([...followed.rooms.flatMap(({ card }) => card ?? []), ...invited.invitations.map((one) => one.room), ...member.rooms]);
    this.joinAll();
    // Of a room that is for everybody now no list says so.
    if (this.current) void this.entrance.look(this.current);
  }

  /** The room of a card, known from then on. */
  room(card: Card): Room {
    const known = this.rooms[card.guid];
    if (known) return known;
    this.rooms[card.guid] = new Room(card);
    return this.rooms[card.guid]!;
  }

  /** The name of a room, as soon as it is known. */
  nameOf(guid: string): string {
    const own = this.rooms[guid]?.card ?? this.memberOf.find((one) => one.guid === guid);
    return own?.name ?? this.names.of(guid);
  }

  isFollowed(guid: string): boolean {
    return this.followedRooms.has(guid);
  }

  /** Another room, or none, is on the screen: one that is not followed is left with it. */
  show(guid: string | null): void {
    const before = this.current;
    this.current = guid;
    if (guid === null) this.entrance.forget();
    // Each room knows by itself, so that a thousand others need not look again.
    for (const [one, shown] of [[before, false], [guid, true]] as const) {
      const room = one === null ? undefined : this.rooms[one];
      if (room) room.shown = shown;
    }
    if (before && before !== guid && !this.isFollowed(before)) this.joined.part(before);
  }

  async follow(guid: string): Promise<void> {
    await ask('PUT', `/followed/${guid}`);
    const room = this.rooms[guid];
    if (room && room.read === null && room.newest > 0) this.markRead(room, room.newest);
    await this.lists();
  }

  async unfollow(guid: string): Promise<void> {
    await ask('DELETE', `/followed/${guid}`);
    if (this.current !== guid) this.joined.part(guid);
    await this.lists();
  }

  /** Says something; it waits on this machine until it is kept. False when too much waits. */
  say(room: Room, text: string, alert: boolean): boolean {
    const post: Waiting = {
      id: crypto.randomUUID(),
      room: room.guid,
      text,
      alert,
      after: room.newest,
      time: new Date().toISOString(),
      failed: null,
    };
    if (!this.outbox?.add(post)) return false;
    void this.flush();
    return true;
  }

  retry(id: string): void {
    this.outbox?.retry(id);
    void this.flush();
  }

  drop(id: string): void {
    this.outbox?.drop(id);
    void this.flush();
  }

  private async flush(): Promise<void> {
    const outbox = this.outbox;
    // One tab sends at a time, so that the order of all tabs is one.
    if (!outbox) return;
    clearTimeout(this.flushing);
    await navigator.locks.request('causerie-outbox', () => outbox.flush());
    if (this.outbox?.all().some((post) => post.failed === null)) {
      this.flushing = setTimeout(() => void this.flush(), FLUSH_AGAIN_MS);
    }
  }

  private async send(owner: string, post: Waiting): Promise<Posted> {
    // Only an open link tells whose session this browser has: nothing is said in the name of whoever signed in since.
    if (this.link !== 'open' || this.person?.guid !== owner) throw new Problem(0, 'Offline', '');
    const body = { text: post.text, alert: post.alert, clientId: post.id };
    return ask<Posted>('POST', `/rooms/${post.room}/messages`, body);
  }

  private keptPost(post: Waiting, posted: Posted): void {
    const room = this.rooms[post.room];
    if (!room || !this.person) return;
    const said = asKept(post, posted, this.person);
    // What the link has told already is the better one.
    if (!room.posts.some((one) => one.post === posted.post)) room.take(said, true);
    this.markRead(room, posted.post);
  }

  /** Notes that a room was read up to a post. */
  markRead(room: Room, post: number): void {
    if (post <= (room.read ?? 0)) return;
    room.read = post;
    room.unread = 0;
    room.mentions = 0;
    this.marks.set(room.guid, post);
    clearTimeout(this.marking);
    this.marking = setTimeout(() => this.tellMarks(), READ_AFTER_MS);
  }

  private tellMarks(): void {
    for (const [room, post] of this.marks) {
      if (this.live?.say({ do: 'read', room, post })) this.marks.delete(room);
    }
  }

  setNotify(guid: string, value: Notify): void {
    this.notify[guid] = value;
    if (this.person) keep(this.person.guid, 'notify', this.notify);
    if (value !== 'none') askToNotify();
  }

  private linked(state: LinkState): void {
    this.link = state;
    if (state === 'signed-off') return this.end();
    if (state !== 'open') {
      this.stale ||= state === 'waiting';
      return this.joined.lost();
    }
    this.joined.opened();
    this.joinAll();
    this.tellMarks();
    void this.flush();
    // What one follows or is invited to may have changed meanwhile.
    if (this.stale) void this.lists().then(() => (this.stale = false), () => {});
  }

  /** Joins every followed room that is not joined, and the one on the screen; each goes on where it was. */
  private joinAll(): void {
    const wanted = new Set(this.followed.filter((one) => one.card).map((one) => one.room));
    if (this.current) wanted.add(this.current);
    this.joined.join([...wanted].map((guid) => this.rooms[guid]).filter((room) => room && !room.shut) as Room[]);
  }

  private hear(event: LiveEvent): void {
    if ('after' in event && event.event !== 'far') {
      const guid = 'message' in event ? event.message.room : event.room;
      this.rooms[guid]?.reach(event.after);
    }
    switch (event.event) {
      case 'joined': {
        const room = this.room(event.room);
        room.unlock(event.room);
        room.people = event.people;
        room.large = event.large;
        room.begin(event.at);
        this.feeds.readSoon();
        for (const { person } of event.people) this.see(person);
        if (event.read !== null && event.read !== undefined) {
          room.read = Math.max(event.read, this.marks.get(room.guid) ?? 0);
          const counted = room.read === event.read ? event : null;
          room.unread = counted?.unread ?? 0;
          room.mentions = counted?.mentions ?? 0;
        }
        break;
      }
      case 'message':
        this.said(event.message);
        break;
      case 'changed':
        this.rooms[event.message.room]?.take(event.message, false);
        this.feeds.change(event.message);
        break;
      case 'reset':
        this.rooms[event.room]?.reset(event.to);
        break;
      case 'far':
        void this.joined.missed(event.room, event.after);
        break;
      case 'read':
        for (const mark of event.rooms) this.marked(mark);
        break;
      case 'came':
        this.see(event.person);
        for (const { room, rights } of event.rooms) this.rooms[room]?.come({ person: event.person, rights });
        break;
      case 'left':
        for (const room of event.rooms) this.rooms[room]?.go(event.person);
        break;
      case 'people': {
        const room = this.rooms[event.room];
        if (!room) break;
        room.large = false;
        room.people = [...room.people, ...event.people];
        break;
      }
      case 'room': {
        const room = this.rooms[event.room.guid];
        if (room) room.card = event.room;
        break;
      }
      case 'parted': {
        const room = this.rooms[event.room];
        if (!room || !event.removed) break;
        room.lock('out');
        void this.entrance.look(room.guid);
        break;
      }
      case 'lists':
        clearTimeout(this.listing);
        this.listing = setTimeout(() => void this.lists().catch(() => {}), 200);
        break;
      case 'refused':
        this.joined.refused(event.room ?? null);
        if (event.room) this.rooms[event.room]?.refuse(event.code, refusal(event.code, event.detail));
        break;
      case 'hello':
        if (event.person.guid !== this.person?.guid) this.change();
        break;
      case 'beat':
      case 'told':
        break;
    }
  }

  /** Somebody else has signed in with this browser, in another tab. */
  private change(): void {
    this.end();
    void this.begin().catch(() => {});
  }

  private marked(mark: ReadMark): void {
    const room = this.rooms[mark.room];
    if (!room || mark.read < (room.read ?? 0)) return;
    const { read, unread, mentions } = mark;
    Object.assign(room, { read, unread, mentions });
  }

  private said(message: Message): void {
    const room = this.rooms[message.room];
    if (!room) return;
    this.see(message.author);
    room.take(message, true);
    const feeds = this.feeds.hear(message);
    if (!room.hear(message)) return;
    if (message.author.guid === this.person?.guid) return;
    const mentioned = message.mentions.some((one) => one.person.guid === this.person?.guid);
    const away = document.visibilityState === 'hidden' || this.current !== room.guid;
    // Of a room that was never read the server counts nothing.
    if (room.read === null && away) {
      room.unread += 1;
      if (mentioned) room.mentions += 1;
    }
    if (!away) this.announcement = `${message.author.displayName}: ${message.text ?? ''}`;
    const wanted = this.notify[room.guid] ?? 'mentions';
    if (away && (wanted === 'all' || (wanted === 'mentions' && mentioned))) show(room.card.name, message, room.guid);
    for (const feed of feeds.filter((one) => one.notify)) show(`${feed.name} · ${room.card.name}`, message, room.guid);
  }

  private see(person: Person): void {
    if (this.known.has(person.guid)) return;
    this.known = new Map(this.known).set(person.guid, person);
  }
}

export const house = new House();
