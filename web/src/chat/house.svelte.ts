// Everything one person has before it: who it is, its rooms, what is live, what waits to be sent. One for the page.
// Draws nothing; what is on the screen reads it.
import {
  ask,
  Problem,
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
import { belongs, type Feed } from './feed';
import { keep, kept } from './keep';
import { Outbox, type Waiting } from './outbox';
import { Room } from './room.svelte';
import { t } from '../i18n/words.svelte';

export type Notify = 'all' | 'mentions' | 'none';
/** Posts of a feed that are kept on the page. */
const FEED_POSTS_MAX = 200;
/** Marks of reading are told together. */
const READ_AFTER_MS = 400;
/** What could not be sent is tried again after so long. */
const FLUSH_AGAIN_MS = 3_000;

class House {
  /** Undefined while that is not known. */
  person: Person | null | undefined = $state();
  roles: string[] = $state([]);
  link: LinkState = $state('off');
  rooms: Record<string, Room> = $state({});
  followed: FollowedRoom[] = $state.raw([]);
  invitations: Invitation[] = $state.raw([]);
  memberOf: Card[] = $state.raw([]);
  waiting: Waiting[] = $state.raw([]);
  feeds: Feed[] = $state([]);
  feedPosts: Record<string, Message[]> = $state({});
  feedUnread: Record<string, number> = $state({});
  notify: Record<string, Notify> = $state({});
  /** Who was seen: people can be mentioned whom one has heard. */
  known: Map<string, Person> = $state.raw(new Map());
  /** Read to whoever cannot see the screen. */
  announcement = $state('');
  /** Names of rooms that are known by GUID alone. */
  private names: Record<string, string> = $state({});
  /** The room on the screen. */
  current: string | null = $state(null);
  private outbox: Outbox | null = null;
  private live: Link | null = null;
  /** Whether the lists of rooms may be others than they are here. */
  private stale = false;
  private marks = new Map<string, number>();
  private marking: ReturnType<typeof setTimeout> | undefined;
  private flushing: ReturnType<typeof setTimeout> | undefined;
  private listing: ReturnType<typeof setTimeout> | undefined;

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
    const whole = address.includes(':') ? address.trim() : `sip:${address.trim()}`;
    await this.enter(await ask<SignedOn>('POST', '/session', { address: whole, password }));
  }

  async signOut(): Promise<void> {
    this.live?.stop();
    await ask('DELETE', '/session').catch(() => {});
    this.end();
  }

  private end(): void {
    removeEventListener('online', this.online);
    removeEventListener('storage', this.stored);
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
    this.feedPosts = {};
    this.feedUnread = {};
  }

  private async enter(signed: SignedOn): Promise<void> {
    if (!signed.person) throw new Problem(403, 'ErrorPermission', t('signIn.nobody'));
    const owner = signed.person.guid;
    this.person = signed.person;
    this.roles = signed.roles as string[];
    this.feeds = kept<Feed[]>(owner, 'feeds', []);
    this.notify = kept<Record<string, Notify>>(owner, 'notify', {});
    this.outbox = new Outbox(
      { read: () => kept<Waiting[]>(owner, 'outbox', []), write: (all) => keep(owner, 'outbox', all) },
      (post) => this.send(post),
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
  }

  /** Another tab has sent something, or has more to send. */
  private readonly stored = (event: StorageEvent) => {
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
    this.joinAll();
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
    const room = this.rooms[guid];
    if (room) return room.card.name;
    const known = this.names[guid] ?? this.memberOf.find((one) => one.guid === guid)?.name;
    if (known !== undefined) return known;
    queueMicrotask(() => void this.learnName(guid));
    return '';
  }

  private async learnName(guid: string): Promise<void> {
    if (this.names[guid] !== undefined) return;
    this.names[guid] = '';
    const found = await ask<{ rows: Card[] }>('GET', `/rooms/${guid}`).catch(() => null);
    if (found?.rows[0]) this.names[guid] = found.rows[0].name;
  }

  isFollowed(guid: string): boolean {
    return this.followed.some((one) => one.room === guid);
  }

  /** Opens a room: reads it, and hears what is said there from now on. */
  async open(guid: string): Promise<Room> {
    let room = this.rooms[guid];
    if (!room) {
      const card = (await ask<{ rows: Card[] }>('GET', `/rooms/${guid}`)).rows[0];
      if (!card) throw new Problem(404, 'NoSuchNode', t('room.absent'));
      // A reader is shown everything of a room; what it may do there, the link tells.
      room = this.room({ ...card, rights: card.rights ?? ['see', 'join', 'read'] });
    }
    this.show(guid);
    if (!room.joined) this.live?.say({ do: 'join', rooms: [{ room: guid, after: room.after }] });
    await room.open();
    return room;
  }

  /** Another room, or none, is on the screen: one that is not followed is left with it. */
  show(guid: string | null): void {
    const before = this.current;
    this.current = guid;
    if (before && before !== guid && !this.isFollowed(before)) this.live?.say({ do: 'part', rooms: [before] });
  }

  async follow(guid: string): Promise<void> {
    await ask('PUT', `/followed/${guid}`);
    const room = this.rooms[guid];
    if (room && room.read === null && room.newest > 0) this.markRead(room, room.newest);
    await this.lists();
  }

  async unfollow(guid: string): Promise<void> {
    await ask('DELETE', `/followed/${guid}`);
    if (this.current !== guid) this.live?.say({ do: 'part', rooms: [guid] });
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

  private send(post: Waiting): Promise<Posted> {
    const body = { text: post.text, alert: post.alert, clientId: post.id };
    return ask<Posted>('POST', `/rooms/${post.room}/messages`, body);
  }

  private keptPost(post: Waiting, posted: Posted): void {
    const room = this.rooms[post.room];
    if (!room || !this.person) return;
    const message = { room: post.room, post: posted.post, position: posted.position, time: posted.time };
    const said: Message = {
      ...message,
      author: this.person,
      alert: post.alert,
      story: false,
      title: null,
      changed: null,
      text: post.text,
      rtf: null,
      mentions: [],
    };
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

  setFeeds(feeds: Feed[]): void {
    this.feeds = feeds;
    if (this.person) keep(this.person.guid, 'feeds', feeds);
    if (feeds.some((feed) => feed.notify)) askToNotify();
  }

  private linked(state: LinkState): void {
    this.link = state;
    if (state === 'signed-off') return this.end();
    if (state !== 'open') {
      this.stale ||= state === 'waiting';
      for (const room of Object.values(this.rooms)) room.joined = false;
      return;
    }
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
    const rooms = [...wanted].map((guid) => this.rooms[guid]).filter((room) => room && !room.joined) as Room[];
    for (let from = 0; from < rooms.length; from += 500) {
      const some = rooms.slice(from, from + 500);
      this.live?.say({ do: 'join', rooms: some.map((room) => ({ room: room.guid, after: room.after })) });
    }
  }

  private hear(event: LiveEvent): void {
    if ('after' in event) {
      const guid = 'message' in event ? event.message.room : event.room;
      const room = this.rooms[guid];
      if (room) room.after = event.after;
    }
    switch (event.event) {
      case 'joined': {
        const room = this.room(event.room);
        room.card = event.room;
        room.people = event.people;
        room.large = event.large;
        room.joined = true;
        for (const { person } of event.people) this.see(person);
        if (event.read !== null && event.read !== undefined) {
          room.read = Math.max(event.read, this.marks.get(room.guid) ?? 0);
          const stands = room.read === event.read;
          room.unread = stands ? (event.unread ?? 0) : 0;
          room.mentions = stands ? (event.mentions ?? 0) : 0;
        }
        break;
      }
      case 'message':
        this.said(event.message);
        break;
      case 'changed':
        this.rooms[event.message.room]?.take(event.message, false);
        break;
      case 'reset':
        this.rooms[event.room]?.reset(event.to);
        break;
      case 'far':
        void this.rooms[event.room]?.refresh();
        break;
      case 'read':
        for (const mark of event.rooms) this.marked(mark);
        break;
      case 'came':
        this.see(event.person);
        for (const { room: guid, rights } of event.rooms) {
          const room = this.rooms[guid];
          if (!room) continue;
          const others = room.people.filter((one) => one.person.guid !== event.person.guid);
          room.people = [...others, { person: event.person, rights }];
          room.card = { ...room.card, participants: room.people.length };
        }
        break;
      case 'left':
        for (const guid of event.rooms) {
          const room = this.rooms[guid];
          if (!room) continue;
          room.people = room.people.filter((one) => one.person.guid !== event.person);
        }
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
        if (!room) break;
        room.part();
        if (event.removed) {
          room.trouble = t('room.removed', { room: room.card.name });
          room.posts = [];
        }
        break;
      }
      case 'lists':
        clearTimeout(this.listing);
        this.listing = setTimeout(() => void this.lists().catch(() => {}), 200);
        break;
      case 'refused':
        if (event.room && this.rooms[event.room]) this.rooms[event.room]!.trouble = event.detail;
        break;
      case 'hello':
      case 'beat':
      case 'told':
        break;
    }
  }

  private marked(mark: ReadMark): void {
    const room = this.rooms[mark.room];
    if (!room || mark.read < (room.read ?? 0)) return;
    room.read = mark.read;
    room.unread = mark.unread;
    room.mentions = mark.mentions;
  }

  private said(message: Message): void {
    const room = this.rooms[message.room];
    if (!room) return;
    this.see(message.author);
    room.take(message, true);
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
    for (const feed of this.feeds) this.feed(feed, message, room);
  }

  private feed(feed: Feed, message: Message, room: Room): void {
    if (!belongs(feed, message)) return;
    this.feedPosts[feed.id] = [message, ...(this.feedPosts[feed.id] ?? [])].slice(0, FEED_POSTS_MAX);
    this.feedUnread[feed.id] = (this.feedUnread[feed.id] ?? 0) + 1;
    if (feed.notify) show(`${feed.name} · ${room.card.name}`, message, room.guid);
  }

  private see(person: Person): void {
    if (this.known.has(person.guid)) return;
    this.known = new Map(this.known).set(person.guid, person);
  }
}

/** Shows a notice of the browser, when that is allowed. */
function show(title: string, message: Message, room: string): void {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  const body = `${message.author.displayName}: ${(message.text ?? '').slice(0, 200)}`;
  const notice = new Notification(title, { body, tag: `${room}.${message.post}`, icon: '/icon.svg' });
  notice.onclick = () => {
    window.focus();
    history.pushState(null, '', `/room/${room}/${message.post}`);
    dispatchEvent(new PopStateEvent('popstate'));
  };
}

function askToNotify(): void {
  if ('Notification' in window && Notification.permission === 'default') void Notification.requestPermission();
}

export const house = new House();
