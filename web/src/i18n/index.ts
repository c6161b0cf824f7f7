import i18next, { type TFunction } from 'i18next';
import { useSyncExternalStore } from 'react';
import { type Formats, formatsFor } from '@/lib/format';
import { remembered } from '@/lib/storage';
import type en from './en.json';

export const LANGUAGES = { en: 'English', fr: 'Français' } as const;
export type Language = keyof typeof LANGUAGES;

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
    returnNull: false;
  }
}

/** One file is loaded, the reader's; the other when it is chosen. */
const FILES = { en: () => import('./en.json'), fr: () => import('./fr.json') };

function preferred(): Language {
  const stored = remembered.get('language');
  if (stored === 'en' || stored === 'fr') return stored;
  return navigator.language.toLowerCase().startsWith('fr') ? 'fr' : 'en';
}

async function load(language: Language) {
  if (!i18next.hasResourceBundle(language, 'translation')) {
    i18next.addResourceBundle(language, 'translation', (await FILES[language]()).default);
  }
}

export async function startI18n() {
  const language = preferred();
  await i18next.init({
    lng: language,
    resources: {},
    interpolation: { escapeValue: false },
  });
  await load(language);
  use(language);
}

export async function setLanguage(language: Language) {
  await load(language);
  remembered.set('language', language);
  await i18next.changeLanguage(language);
  use(language);
}

export type T = TFunction;

type Reading = { t: T; format: Formats; language: Language };

let reading: Reading | undefined;
const readers = new Set<() => void>();

/** Everything that is shown is shown in this language from now on. */
function use(language: Language) {
  document.documentElement.lang = language;
  reading = { t: i18next.getFixedT(language), format: formatsFor(language), language };
  for (const reader of readers) reader();
}

const subscribe = (reader: () => void) => {
  readers.add(reader);
  return () => readers.delete(reader);
};

function now(): Reading {
  if (!reading) throw new Error('no language was chosen yet');
  return reading;
}

/** Texts and formats in the reader's language. Cheap: every line of a long table asks. */
export const useI18n = (): Reading => useSyncExternalStore(subscribe, now);
