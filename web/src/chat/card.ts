// The card of one room, with what the reader may do there, whichever of its forms the server answers with.
// What is shown of it others say.
import { ask, Problem, query, type Card } from '../api/client';
import { t } from '../i18n/words.svelte';

export async function cardOf(guid: string): Promise<Card> {
  const card = (await ask<{ rows: Card[] }>('GET', `/rooms/${guid}`)).rows[0];
  if (!card) throw new Problem(404, 'NoSuchNode', t('room.absent'));
  if (card.rights) return card;
  // Whoever is shown all settings of a room is told no rights there: a manager is by another list, and an administrator finds out
  // by asking what only readers are answered.
  const managed = await ask<{ rooms: Card[] }>('GET', '/managed').catch(() => null);
  const found = managed?.rooms.find((one) => one.guid === guid);
  return found ?? { ...card, rights: (await isRead(guid)) ? ['see', 'join', 'read'] : ['see'] };
}

/** Whether the reader may read there; unlike the messages, whom one may mention is asked without being noted as a reader of history. */
async function isRead(guid: string): Promise<boolean> {
  try {
    await ask('GET', `/rooms/${guid}/mentionable${query({ q: 'a' })}`);
    return true;
  } catch (error) {
    if (error instanceof Problem && !error.passing) return false;
    throw error;
  }
}
