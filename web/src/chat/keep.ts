// What a browser keeps for one person on this machine: drafts, feeds, what waits to be sent, how it wants things shown.
// A full or closed storage takes nothing, and says so: whoever has the value holds it.

/** Written for a moment when somebody signs out, so that every tab hears who. */
export const SIGNED_OUT = 'causerie.signed-out';
const ADDRESS = 'causerie.address';

/** Whoever signed out: nothing is kept of these. */
const forgotten = new Set<string>();

/** Reads a value; what cannot be read is as if it was never kept. */
export function kept<T>(owner: string, name: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(`causerie.${owner}.${name}`);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

/** Keeps a value; false when the browser does not take it. */
export function keep(owner: string, name: string, value: unknown): boolean {
  if (forgotten.has(owner)) return false;
  try {
    if (value === null || value === '') localStorage.removeItem(`causerie.${owner}.${name}`);
    else localStorage.setItem(`causerie.${owner}.${name}`, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** Whoever signs in again is kept things for again. */
export function remember(owner: string): void {
  forgotten.delete(owner);
}

/** The names under which something is kept for a person. */
export function names(owner: string): string[] {
  const start = `causerie.${owner}.`;
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
  } catch {
    return [];
  }
}

/** Takes everything of a person from this machine, apart from these names, and tells the other tabs; null when one has told us. */
export function forget(owner: string, except: readonly string[] | null): void {
  forgotten.add(owner);
  if (except === null) return;
  try {
    for (const name of names(owner)) if (!except.includes(name)) localStorage.removeItem(`causerie.${owner}.${name}`);
    localStorage.removeItem(ADDRESS);
    localStorage.setItem(SIGNED_OUT, owner);
    localStorage.removeItem(SIGNED_OUT);
  } catch {
    // Where nothing can be kept there is nothing to forget.
  }
}
