// The live link as the browser holds it: opened, watched, opened again with patience. What an event means, `chat/` knows.
import { ROOT, type LiveCommand, type LiveEvent } from '../api/client';

export type LinkState = 'off' | 'connecting' | 'open' | 'waiting' | 'signed-off' | 'refused';

/** The server closes with these when coming again is in vain. */
const SIGNED_OFF = 4001;
const NOT_ALLOWED = 4003;
const PATIENCE_MS = [250, 500, 1_000, 2_000, 4_000, 8_000];
/** How long the first event may take, and after it twice the beat of the server. */
const GREETING_MS = 15_000;

export interface Ears {
  event(event: LiveEvent): void;
  state(state: LinkState): void;
  /** It could not be opened at all: why, a request may tell. */
  failed(): void;
}

/** The one live link of a page. */
export class Link {
  private socket: WebSocket | null = null;
  private state: LinkState = 'off';
  private tries = 0;
  private again: ReturnType<typeof setTimeout> | undefined;
  private dead: ReturnType<typeof setTimeout> | undefined;
  private silenceMs = GREETING_MS;

  constructor(
    private readonly ears: Ears,
    private readonly make: () => WebSocket = () => new WebSocket(address()),
    private readonly chance: () => number = Math.random,
  ) {}

  /** Opens the link, and keeps it open until it is stopped. */
  start(): void {
    if (this.socket) return;
    clearTimeout(this.again);
    this.enter(this.tries === 0 ? 'connecting' : 'waiting');
    const socket = this.make();
    this.socket = socket;
    this.silenceMs = GREETING_MS;
    this.watch();
    socket.onmessage = (message: MessageEvent<string>) => {
      if (this.socket === socket) this.hear(JSON.parse(message.data) as LiveEvent);
    };
    socket.onclose = (closed: CloseEvent) => {
      if (this.socket === socket) this.lost(closed.code);
    };
  }

  /** Closes it for good. */
  stop(): void {
    clearTimeout(this.again);
    clearTimeout(this.dead);
    const socket = this.socket;
    this.socket = null;
    socket?.close(1000);
    this.tries = 0;
    this.enter('off');
  }

  /** Tries at once instead of waiting: the network came back. */
  hurry(): void {
    if (this.state === 'waiting' && !this.socket) {
      this.tries = 0;
      this.start();
    }
  }

  /** Says a command; false when the link is not open, and the command is to be said again when it is. */
  say(command: LiveCommand): boolean {
    if (this.state !== 'open' || this.socket?.readyState !== 1) return false;
    this.socket.send(JSON.stringify(command));
    return true;
  }

  private hear(event: LiveEvent): void {
    if (event.event === 'hello') this.silenceMs = event.beatSeconds * 2_000;
    this.watch();
    this.ears.event(event);
    // Whoever hears that somebody else is greeted stops the link, and it is never open.
    if (event.event !== 'hello' || !this.socket) return;
    this.tries = 0;
    this.enter('open');
  }

  /** When nothing is heard for too long, the link is dead although nobody said so. */
  private watch(): void {
    clearTimeout(this.dead);
    this.dead = setTimeout(() => {
      const socket = this.socket;
      this.lost(1006);
      socket?.close();
    }, this.silenceMs);
  }

  private lost(code: number): void {
    clearTimeout(this.dead);
    this.socket = null;
    if (code === SIGNED_OFF) return this.enter('signed-off');
    if (code === NOT_ALLOWED) return this.enter('refused');
    if (this.state !== 'open') this.ears.failed();
    const longest = PATIENCE_MS[Math.min(this.tries, PATIENCE_MS.length - 1)] ?? 8_000;
    this.tries += 1;
    this.enter('waiting');
    // Half of it by chance, so that not everybody comes back in the same moment.
    this.again = setTimeout(() => this.start(), longest * (0.5 + this.chance() / 2));
  }

  private enter(state: LinkState): void {
    if (state === this.state) return;
    this.state = state;
    this.ears.state(state);
  }
}

function address(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${ROOT}/live`;
}
