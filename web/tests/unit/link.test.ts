// The link comes back by itself, knows when it is dead, and stops when coming again is in vain.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Link, type LinkState } from '../../src/live/link';

class Socket {
  readyState = 1;
  sent: string[] = [];
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((closed: { code: number }) => void) | null = null;
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.readyState = 3;
  }
}

let sockets: Socket[];
let states: LinkState[];
let link: Link;
let failures: number;
const hello = JSON.stringify({ event: 'hello', beatSeconds: 20 });

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  states = [];
  failures = 0;
  const make = () => {
    const socket = new Socket();
    sockets.push(socket);
    return socket as unknown as WebSocket;
  };
  link = new Link({ event: () => {}, state: (state) => states.push(state), failed: () => (failures += 1) }, make, () => 1);
  link.start();
});
afterEach(() => vi.useRealTimers());

describe('link', () => {
  it('is open when the server has greeted', () => {
    expect(link.say({ do: 'part', rooms: [] })).toBe(false);
    sockets[0]!.onmessage?.({ data: hello });
    expect(states).toEqual(['connecting', 'open']);
    expect(link.say({ do: 'part', rooms: [] })).toBe(true);
    expect(sockets[0]!.sent).toHaveLength(1);
    sockets[0]!.onclose?.({ code: 1006 });
    expect(failures).toBe(0);
  });

  it('comes again, each time later, and at once when the network is back', () => {
    sockets[0]!.onclose?.({ code: 1006 });
    expect(states.at(-1)).toBe('waiting');
    expect(failures).toBe(1);
    vi.advanceTimersByTime(249);
    expect(sockets).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(sockets).toHaveLength(2);
    sockets[1]!.onclose?.({ code: 1006 });
    vi.advanceTimersByTime(499);
    expect(sockets).toHaveLength(2);
    link.hurry();
    expect(sockets).toHaveLength(3);
  });

  it('gives a silent server up after two beats', () => {
    sockets[0]!.onmessage?.({ data: hello });
    vi.advanceTimersByTime(39_999);
    expect(states.at(-1)).toBe('open');
    vi.advanceTimersByTime(1);
    expect(states.at(-1)).toBe('waiting');
    vi.advanceTimersByTime(250);
    expect(sockets).toHaveLength(2);
  });

  it('does not come again after signing off or when chat is not allowed', () => {
    sockets[0]!.onclose?.({ code: 4001 });
    vi.advanceTimersByTime(60_000);
    expect(states.at(-1)).toBe('signed-off');
    expect(sockets).toHaveLength(1);
  });

  it('hears nothing of a socket that was replaced', () => {
    sockets[0]!.onclose?.({ code: 1006 });
    vi.advanceTimersByTime(250);
    sockets[0]!.onmessage?.({ data: hello });
    expect(states.at(-1)).toBe('waiting');
  });
});
