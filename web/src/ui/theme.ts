// Dark, light, or as the machine has it.

export type Theme = 'system' | 'light' | 'dark';

export function theme(): Theme {
  const kept = localStorage.getItem('causerie.theme');
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function applyTheme(): void {
  const wanted = theme();
  if (wanted === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = wanted;
}

export function chooseTheme(wanted: Theme): void {
  localStorage.setItem('causerie.theme', wanted);
  applyTheme();
}
