import { describe, expect, it } from 'vitest';
import { en } from './en';
import { enAccount } from './en.account';
import { enEntry } from './en.entry';
import { enFilm } from './en.film';
import { enLibrary } from './en.library';
import { ago, clockTime, milliseconds } from './format';
import { bestLocale } from './locale.svelte';
import { fill, rephrased } from './message';
import { zh } from './zh';
import { zhAccount } from './zh.account';
import { zhEntry } from './zh.entry';
import { zhFilm } from './zh.film';
import { zhLibrary } from './zh.library';
import { zhSentences } from './zh.sentences';

const names = (text: string) => new Set([...text.matchAll(/\{(\w+)/g)].map((match) => match[1]));

const english: Record<string, string> = { ...en, ...enEntry, ...enAccount, ...enFilm, ...enLibrary };
const chinese: Record<string, string> = { ...zh, ...zhEntry, ...zhAccount, ...zhFilm, ...zhLibrary };

describe('catalogues', () => {
  it('have a text for every key', () => {
    expect(Object.keys(chinese).sort()).toEqual(Object.keys(english).sort());
    expect([...Object.values(english), ...Object.values(chinese)].every((text) => text.trim() !== '')).toBe(true);
  });

  it('have each key in one part only', () => {
    const parts = [en, enEntry, enAccount, enFilm, enLibrary].flatMap((part) => Object.keys(part));
    expect(new Set(parts).size).toBe(parts.length);
  });

  it.each(Object.keys(english))('use the same values in %s', (key) => {
    expect(names(chinese[key] ?? '')).toEqual(names(english[key] ?? ''));
  });
});

describe('fill', () => {
  it('puts values in and writes numbers in the manner of the locale', () => {
    expect(fill('{name} has {count}', { name: 'Mia', count: 1234.5 }, 'en')).toBe('Mia has 1,234.5');
  });
  it('chooses the plural form', () => {
    const text = '{n|{n} person|{n} people} here';
    expect(fill(text, { n: 1 }, 'en')).toBe('1 person here');
    expect(fill(text, { n: 3 }, 'en')).toBe('3 people here');
    expect(fill('{n} 人', { n: 1 }, 'zh-CN')).toBe('1 人');
  });
  it('does not look for values inside values', () => {
    expect(fill('{name} left', { name: '{n}' }, 'en')).toBe('{n} left');
  });
});

describe('rephrased', () => {
  const texts = { 'A name has {low} to {high} letters.': '{low}–{high}!', 'Oh? {why} No.': 'no', 'Oh? Yes.': 'yes' };

  it('fills in what stood in the sentence, and leaves out what is not asked for', () => {
    expect(rephrased('A name has 2 to 1,024 letters.', texts)).toBe('2–1,024!');
    expect([rephrased('Oh? So. No.', texts), rephrased('Oh? Yes.', texts)]).toEqual(['no', 'yes']);
  });
  it('knows nothing of other sentences', () => {
    expect(rephrased('A name has 2 to 9 letters. Or more.', texts)).toBeNull();
    expect(rephrased('Oh! Yes.', texts)).toBeNull();
  });
  it('has a value for everything that a Chinese sentence repeats', () => {
    for (const [key, text] of Object.entries(zhSentences)) {
      expect([...names(text)].filter((name) => !names(key).has(name))).toEqual([]);
    }
  });
});

describe('bestLocale', () => {
  it('takes the first language that there is', () => {
    expect(bestLocale(['fr-FR', 'zh-TW', 'en'])).toBe('zh-CN');
    expect(bestLocale(['de'])).toBe('en');
  });
});

describe('format', () => {
  it('writes positions', () => {
    expect([0, 65.9, 3661, -3].map(clockTime)).toEqual(['0:00', '1:05', '1:01:01', '0:00']);
  });
  it('writes how long ago something was', () => {
    expect([-5, 10, 50, 200, 7300, 200_000].map((seconds) => ago(seconds, 'en'))).toEqual([
      'now',
      'now',
      '1 minute ago',
      '3 minutes ago',
      '2 hours ago',
      '2 days ago',
    ]);
    expect(ago(200, 'zh-CN')).toBe('3分钟前');
  });
  it('writes milliseconds without a negative zero', () => {
    expect(Object.is(milliseconds(-0.0001), 0)).toBe(true);
  });
});
