// What a browser keeps for one person on this machine: drafts, feeds, what waits to be sent, how it wants things shown.
// A full or closed storage loses nothing that is on the screen.

/** Reads a value; what cannot be read is as if it was never kept. */
export function kept<T>(owner: string, name: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(`causerie.${owner}.${name}`);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

/** Keeps a value. */
export function keep(owner: string, name: string, value: unknown): void {
  try {
    if (value === null || value === '') localStorage.removeItem(`causerie.${owner}.${name}`);
    else localStorage.setItem(`causerie.${owner}.${name}`, JSON.stringify(value));
  } catch {
    // The browser keeps nothing: what is typed stays on the screen.
  }
}
