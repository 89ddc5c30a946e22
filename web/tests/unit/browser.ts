// What a browser has around a page, as far as the house needs it: a storage, a network, live links. Each is played by the test.
import { vi } from 'vitest';
import type { LiveCommand, LiveEvent } from '../../src/api/client';
import { ana, post } from './post';

type Reply = [status: number, body?: unknown];

/** The other end of a live link. */
export class Socket {
  readyState = 1;
  said: LiveCommand[] = [];
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((closed: { code: number }) => void) | null = null;
  send(text: string) {
    this.said.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  tell(...events: LiveEvent[]) {
    for (const event of events) this.onmessage?.({ data: JSON.stringify(event) });
  }
  greet(person = ana) {
    this.tell({ event: 'hello', person, pool: 'pool', now: '', beatSeconds: 20 });
  }
  lose(code = 1006) {
    this.onclose?.({ code });
  }
  /** The rooms it was asked to join, each with the place to go on at. */
  get joins(): [string, string | null][] {
    const wanted = this.said.flatMap((command) => (command.do === 'join' ? command.rooms : []));
    return wanted.map(({ room, after }) => [room, after ?? null]);
  }
}

/** A storage that takes so many octets. */
export class Storage {
  [name: string]: unknown;
  constructor(max = Infinity) {
    const hidden = (name: string, value: unknown) => Object.defineProperty(this, name, { value, enumerable: false });
    hidden('getItem', (key: string) => this[key] ?? null);
    hidden('removeItem', (key: string) => delete this[key]);
    hidden('setItem', (key: string, text: string) => {
      const others = Object.entries(this).filter(([name]) => name !== key);
      if (others.reduce((sum, [, value]) => sum + String(value).length, text.length) > max) throw new Error('QuotaExceededError');
      this[key] = text;
    });
  }
}

export const card = (guid: string) => ({ guid, name: guid, rights: ['see', 'join', 'read', 'post'], participants: 1 });
export const joined = (guid: string, at = '1.2') =>
  ({ event: 'joined', room: card(guid), people: [], large: false, at, read: 2, unread: 0 }) as unknown as LiveEvent;
export const page = (...numbers: number[]) => {
  const at = `1.${numbers.at(-1) ?? 0}`;
  return { messages: numbers.map((number) => post(number)), prev: null, next: at, at, reset: null };
};

export class Browser {
  sockets: Socket[] = [];
  /** What was asked, as `METHOD /path`, and what it was answered; the last one that fits counts. */
  asked: string[] = [];
  offline = false;
  private readonly replies: [string, () => Reply | Promise<Reply>][] = [];
  private readonly listeners = new Map<string, ((event: unknown) => void)[]>();

  constructor(readonly storage = new Storage()) {
    this.reply('GET /session', () => [200, { person: ana, roles: [] }]);
    this.reply('GET /followed', () => [200, { rooms: [{ room: 'lobby', card: card('lobby') }] }]);
    this.reply('GET /invitations', () => [200, { invitations: [] }]);
    this.reply('GET /member-of', () => [200, { rooms: [] }]);
    this.reply('GET /rooms/lobby/messages', () => [200, page(1, 2)]);
    this.reply('DELETE /session', () => [204]);
    const { sockets } = this;
    vi.stubGlobal('WebSocket', function open(this: unknown) {
      const socket = new Socket();
      sockets.push(socket);
      return socket;
    });
    vi.stubGlobal('localStorage', storage);
    vi.stubGlobal('location', { protocol: 'https:', host: 'chat.example.com' });
    vi.stubGlobal('document', { visibilityState: 'visible' });
    vi.stubGlobal('window', {});
    vi.stubGlobal('navigator', { locks: { request: (_: string, then: () => unknown) => Promise.resolve().then(then) } });
    vi.stubGlobal('addEventListener', (name: string, then: (event: unknown) => void) => {
      this.listeners.set(name, [...(this.listeners.get(name) ?? []), then]);
    });
    vi.stubGlobal('removeEventListener', (name: string, then: (event: unknown) => void) => {
      this.listeners.set(name, (this.listeners.get(name) ?? []).filter((one) => one !== then));
    });
    vi.stubGlobal('fetch', (url: string, asked: { method: string }) => this.answer(`${asked.method} ${url.replace('/api/v1', '')}`));
  }

  reply(asked: string, then: () => Reply | Promise<Reply>) {
    this.replies.unshift([asked, then]);
  }

  dispatch(name: string, event: unknown) {
    for (const then of this.listeners.get(name) ?? []) then(event);
  }

  get socket(): Socket {
    return this.sockets.at(-1)!;
  }

  private async answer(asked: string): Promise<Response> {
    this.asked.push(asked);
    if (this.offline) throw new TypeError('no network');
    const found = this.replies.find(([start]) => asked === start || asked.startsWith(`${start}?`));
    const [status, body] = found ? await found[1]() : [404, { code: 'NoSuchNode', detail: asked }];
    return new Response(status === 204 ? null : JSON.stringify(body ?? {}), { status });
  }
}
