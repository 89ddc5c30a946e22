// The card of one room, with what the reader may do there, whichever of its forms the server answers with.
// What is shown of it, and whether it is read at all, others say.
import { ask, Problem, type Card } from '../api/client';
import { t } from '../i18n/words.svelte';

export async function cardOf(guid: string): Promise<Card> {
  const card = (await ask<{ rows: Card[] }>('GET', `/rooms/${guid}`)).rows[0];
  if (!card) throw new Problem(404, 'NoSuchNode', t('room.absent'));
  if (card.rights) return card;
  // Whoever is shown all settings of a room is told no rights there: a manager is by another list, and of an administrator the room
  // itself says whether it is read.
  const managed = await ask<{ rooms: Card[] }>('GET', '/managed').catch(() => null);
  return managed?.rooms.find((one) => one.guid === guid) ?? { ...card, rights: ['see', 'join', 'read'] };
}
