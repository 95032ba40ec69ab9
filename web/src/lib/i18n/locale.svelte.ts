/** The language of the page: the person's choice, else the browser's. English is built in, others load when needed. */

import { preferences } from '../stores/preferences.svelte';
import { en, type Catalogue, type Key } from './en';
import { fill, type Values } from './message';

export const LOCALES = { en: 'English', 'zh-CN': '简体中文' } as const;
export type Locale = keyof typeof LOCALES;

let current = $state<{ locale: Locale; catalogue: Catalogue }>({ locale: 'en', catalogue: en });

/** The text for `key` in the present language. */
export function t(key: Key, values: Values = {}): string {
  return fill(current.catalogue[key], values, current.locale);
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

/** The first wished language that there is, by its primary tag. */
export function bestLocale(wished: readonly string[]): Locale {
  for (const tag of wished) {
    if (tag.toLowerCase().startsWith('zh')) return 'zh-CN';
    if (tag.toLowerCase().startsWith('en')) return 'en';
  }
  return 'en';
}

async function apply(chosen: Locale): Promise<void> {
  try {
    current = { locale: chosen, catalogue: chosen === 'en' ? en : (await import('./zh')).zh };
    document.documentElement.lang = chosen;
  } catch {
    // A missing chunk must not take the page away: it stays in the language that it has.
  }
}
