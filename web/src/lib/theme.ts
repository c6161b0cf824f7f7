import { useSyncExternalStore } from 'react';
import { remembered } from './storage';

export type Theme = 'light' | 'dark' | 'system';

const system = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

let chosen: Theme = read();

function read(): Theme {
  const stored = remembered.get('theme');
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

function isDark() {
  return chosen === 'dark' || (chosen === 'system' && system.matches);
}

function apply() {
  document.documentElement.classList.toggle('dark', isDark());
  for (const listener of listeners) listener();
}

system.addEventListener('change', apply);

export function setTheme(theme: Theme) {
  chosen = theme;
  remembered.set('theme', theme === 'system' ? null : theme);
  apply();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What the user chose, and whether the page is dark now. */
export function useTheme() {
  const theme = useSyncExternalStore(subscribe, () => chosen);
  const dark = useSyncExternalStore(subscribe, isDark);
  return { theme, dark };
}
