/**
 * The language of the page: the person's choice, else the browser's. English is built in, others load when needed. The
 * texts of parts that not everybody visits load with those parts.
 */

import { preferences } from '../stores/preferences.svelte';
import { en, type Catalogue, type Key } from './en';
import { fill, rephrased, type Values } from './message';
import type { EntryKey } from './en.entry';
import type { AccountKey } from './en.account';
import type { FilmKey } from './en.film';
import type { LibraryKey } from './en.library';

export const LOCALES = { en: 'English', 'zh-CN': '简体中文' } as const;
export type Locale = keyof typeof LOCALES;
export type Part = 'entry' | 'account' | 'film' | 'library';
export type AnyKey = Key | EntryKey | AccountKey | FilmKey | LibraryKey;

type Texts = Readonly<Record<string, string>>;

const PARTS: Readonly<Record<Part, Readonly<Record<Locale, () => Promise<Texts>>>>> = {
  entry: {
    en: async () => (await import('./en.entry')).enEntry,
    'zh-CN': async () => (await import('./zh.entry')).zhEntry,
  },
  account: {
    en: async () => (await import('./en.account')).enAccount,
    'zh-CN': async () => (await import('./zh.account')).zhAccount,
  },
  film: {
    en: async () => (await import('./en.film')).enFilm,
    'zh-CN': async () => (await import('./zh.film')).zhFilm,
  },
  library: {
    en: async () => (await import('./en.library')).enLibrary,
    'zh-CN': async () => (await import('./zh.library')).zhLibrary,
  },
};

interface Current {
  readonly locale: Locale;
  readonly texts: Texts;
  /** By what the server says in English. */
  readonly sentences: Texts;
}

let current = $state.raw<Current>({ locale: 'en', texts: en, sentences: {} });
const needed = new Set<Part>();

/** The text for `key` in the present language. */
export function t(key: AnyKey, values: Values = {}): string {
  return fill(current.texts[key] ?? key, values, current.locale);
}

/** Whether there is a text for what may be a key, as one that is made of a code of the server. */
export function hasText(key: string): key is AnyKey {
  return Object.hasOwn(current.texts, key);
}

/** A sentence of the server, which speaks English, in the present language; one that is not known stays as it is. */
export function translated(sentence: string): string {
  return rephrased(sentence, current.sentences) ?? sentence;
}

export function locale(): Locale {
  return current.locale;
}

/** Keeps the language when its texts can't be loaded. */
export async function chooseLocale(chosen: Locale): Promise<void> {
  preferences.locale = chosen;
  await apply(chosen);
}

export async function startLocale(): Promise<void> {
  const wished = preferences.locale === null ? navigator.languages : [preferences.locale];
  await apply(bestLocale(wished));
}

/** Brings in the texts of parts of the page. Rejects when they can't be loaded. */
export async function needTexts(parts: readonly Part[]): Promise<void> {
  const missing = parts.filter((part) => !needed.has(part));
  if (missing.length === 0) return;
  for (const part of missing) needed.add(part);
  try {
    current = await loaded(current.locale);
  } catch (error) {
    for (const part of missing) needed.delete(part);
    throw error;
  }
}

/** Takes the language that the account has chosen, unless this browser's person has chosen one. */
export async function followAccount(language: string): Promise<void> {
  const wished = bestLocale([language]);
  if (preferences.locale === null && wished !== current.locale) await apply(wished);
}

/** The first wished language that there is, by its primary tag. */
export function bestLocale(wished: readonly string[]): Locale {
  for (const tag of wished) {
    if (tag.toLowerCase().startsWith('zh')) return 'zh-CN';
    if (tag.toLowerCase().startsWith('en')) return 'en';
  }
  return 'en';
}

/** The language as the server names it. */
export function serverLanguage(chosen: Locale): 'en' | 'zh' {
  return chosen === 'en' ? 'en' : 'zh';
}

async function apply(chosen: Locale): Promise<void> {
  try {
    current = await loaded(chosen);
    document.documentElement.lang = chosen;
  } catch {
    // A missing chunk must not take the page away: it stays in the language that it has.
  }
}

async function loaded(chosen: Locale): Promise<Current> {
  const base = chosen === 'en' ? Promise.resolve<Catalogue>(en) : import('./zh').then(({ zh }) => zh);
  const parts = [...needed].map((part) => PARTS[part][chosen]());
  const sentences = chosen === 'en' ? {} : (await import('./zh.sentences')).zhSentences;
  return { locale: chosen, texts: Object.assign({}, ...(await Promise.all([base, ...parts]))) as Texts, sentences };
}
