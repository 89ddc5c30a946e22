// A notice of the browser about something that was said, when that is allowed. Whether there is to be one, `house.svelte.ts` says.
import type { Message } from '../api/client';

/** Shows it; a click goes to the post. */
export function show(title: string, message: Message, room: string): void {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  const body = `${message.author.displayName}: ${(message.text ?? '').slice(0, 200)}`;
  const notice = new Notification(title, { body, tag: `${room}.${message.post}`, icon: '/icon.svg' });
  notice.onclick = () => {
    window.focus();
    history.pushState(null, '', `/room/${room}/${message.post}`);
    dispatchEvent(new PopStateEvent('popstate'));
  };
}

/** Asks whether notices may be shown, when nobody has said yet. */
export function askToNotify(): void {
  if ('Notification' in window && Notification.permission === 'default') void Notification.requestPermission();
}
