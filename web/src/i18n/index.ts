import i18next from 'i18next';
import { useMemo } from 'react';
import { initReactI18next, useTranslation } from 'react-i18next';
import { formatsFor } from '@/lib/format';
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
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: {},
    interpolation: { escapeValue: false },
  });
  await load(language);
  document.documentElement.lang = language;
}

export async function setLanguage(language: Language) {
  await load(language);
  remembered.set('language', language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}

/** Texts and formats in the reader's language. */
export function useI18n() {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const format = useMemo(() => formatsFor(language), [language]);
  return { t, format, language };
}

export type T = ReturnType<typeof useI18n>['t'];
