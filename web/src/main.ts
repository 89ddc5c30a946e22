// Begins the page: its language, its worker, its one component.
import { mount } from 'svelte';
import App from './App.svelte';
import { preferred, speak } from './i18n/words.svelte';
import { applyTheme } from './ui/theme';
import './ui/base.css';

applyTheme();
await speak(preferred());
mount(App, { target: document.getElementById('app')! });

if ('serviceWorker' in navigator && !import.meta.env.DEV) {
  // The one script that is started beside the page; its address is fixed here and nowhere else.
  const types = (window as unknown as { trustedTypes?: { createPolicy: Function } }).trustedTypes;
  const policy = types?.createPolicy('causerie-worker', { createScriptURL: () => '/sw.js' });
  navigator.serviceWorker.register(policy ? policy.createScriptURL('') : '/sw.js').catch(() => {});
}
