// Asking the API: one function, with refusals as values that say what is wrong and where.
// Knows no page; the live link is `live/link.ts`.
import { t, words } from '../i18n/words.svelte';
import type { components } from './schema';

type Schemas = components['schemas'];
export type Person = Schemas['Person'];
export type Card = Schemas['Card'];
export type Message = Schemas['Message'];
export type Messages = Schemas['Messages'];
export type Posted = Schemas['Posted'];
export type Found = Schemas['Found'];
export type ReadMark = Schemas['ReadMark'];
export type SignedOn = Schemas['SignedOn'];
export type FollowedRoom = Schemas['FollowedRoom'];
export type Invitation = Schemas['Invitation'];
export type LiveEvent = Schemas['LiveEvent'];
export type LiveCommand = Schemas['LiveCommand'];
export type Right = Schemas['Right'];
export type Present = Schemas['Present'];
export type Overview = Schemas['Overview'];

export const ROOT = '/api/v1';

/** What a browser still sends when its page is left (the Fetch standard: 64 KiB for all together). */
const KEPT_ALIVE_MAX = 30_000;

/** A refusal, in the words of the server, or in those of the reader's language where the server has none. */
export class Problem extends Error {
  /** What the server says beyond that, in its own language: which of the values of a field is meant. */
  readonly rest: string | null;

  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly field: string | null = null,
    readonly waitSeconds: number | null = null,
  ) {
    super(status === 0 ? t('app.unreachable') : refusal(code, detail, field !== null));
    this.rest = field !== null && words.all[`problem.${code}.field`]?.includes('{detail}') === false ? detail : null;
  }

  /** Whether asking again later may help. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Why something was refused; at a field, what stands there says the rest. */
export function refusal(code: string, detail: string, atField = false): string {
  const keys = [...(atField ? [`problem.${code}.field`] : []), `problem.${code}`];
  const key = keys.find((one) => one in words.all);
  return key ? t(key, { detail }) : detail;
}

let nobody: () => void = () => {};

/** What to do when nobody is signed on any more. */
export function whenSignedOff(then: () => void): void {
  nobody = then;
}

export interface Answer<T> {
  value: T;
  etag: string | null;
}

/** Asks, and gives the answer with its state. */
export async function askWithState<T>(
  method: string,
  path: string,
  body?: unknown,
  etag?: string | null,
): Promise<Answer<T>> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (etag) headers['if-match'] = etag;
  const sent = body === undefined ? null : JSON.stringify(body);
  let response: Response;
  try {
    response = await fetch(ROOT + path, {
      method,
      headers,
      body: sent,
      // What somebody has done is done, although the page is left in the same moment.
      keepalive: method !== 'GET' && (sent?.length ?? 0) < KEPT_ALIVE_MAX,
      credentials: 'same-origin',
      cache: 'no-store',
    });
  } catch {
    throw new Problem(0, 'Offline', '');
  }
  if (response.status === 204) return { value: undefined as T, etag: null };
  const value: unknown = await response.json().catch(() => null);
  if (response.ok) return { value: value as T, etag: response.headers.get('etag') };
  const told = (value ?? {}) as { code?: string; detail?: string; field?: string };
  const wait = Number(response.headers.get('retry-after'));
  if (response.status === 401 && path !== '/session') nobody();
  throw new Problem(
    response.status,
    told.code ?? 'InternalError',
    told.detail ?? response.statusText,
    told.field ?? null,
    Number.isFinite(wait) && wait > 0 ? wait : null,
  );
}

/** Asks, and gives the answer. */
export async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  return (await askWithState<T>(method, path, body)).value;
}

/** A query; what is undefined or empty is left out. */
export function query(fields: Record<string, string | number | boolean | string[] | null | undefined>): string {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null || value === '' || value === false) continue;
    for (const one of Array.isArray(value) ? value : [String(value)]) all.append(name, one);
  }
  const text = all.toString();
  return text && `?${text}`;
}
