// Names of rooms that are known by GUID alone: asked for once each, when something wants to show them.
// Rooms that are known whole, `house.svelte.ts` has.
import { ask, type Card } from '../api/client';

export class Names {
  private known: Record<string, string> = $state({});

  /** The name of a room; empty until it is known. */
  of(guid: string): string {
    const known = this.known[guid];
    if (known === undefined) queueMicrotask(() => void this.learn(guid));
    return known ?? '';
  }

  private async learn(guid: string): Promise<void> {
    if (this.known[guid] !== undefined) return;
    this.known[guid] = '';
    const found = await ask<{ rows: Card[] }>('GET', `/rooms/${guid}`).catch(() => null);
    if (found?.rows[0]) this.known[guid] = found.rows[0].name;
  }
}
