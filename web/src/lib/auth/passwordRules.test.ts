import { describe, expect, it } from 'vitest';
import { checkPassword, normalPassword } from './passwordRules';

const POLICY = { minLength: 8, minClasses: 1, maxRepeats: 0, minScore: 0 };

function broken(password: string, change: Partial<typeof POLICY> = {}, score: number | null = null) {
  return checkPassword(password, { ...POLICY, ...change }, score)
    .filter(({ met }) => met !== true)
    .map(({ rule }) => rule);
}

describe('checkPassword', () => {
  it('counts characters as people do', () => {
    expect(broken('🍿🎬🎥📽️abc')).toEqual([]);
    expect(broken('🍿🎬🎥')).toEqual(['length']);
    expect(broken('abcdefgh')).toEqual([]);
    expect(broken('e\u0301'.repeat(7))).toEqual(['length']);
  });

  it('takes no more than 256', () => {
    expect(broken('ab'.repeat(128))).toEqual([]);
    expect(broken('ab'.repeat(128) + 'c')).toEqual(['length']);
  });

  it.each([
    ['lowercase', 2, ['classes']],
    ['Lowercase', 2, []],
    ['Lower case', 3, []],
    ['Lower case 1', 4, []],
    ['Ünicode٣ x', 4, []],
    ['电影之夜电影之夜', 2, ['classes']],
  ])('sees how many kinds of characters are in %s', (password, minClasses, expected) => {
    expect(broken(password, { minClasses })).toEqual(expected);
  });

  it('finds repeats only where they are forbidden', () => {
    expect(broken('aaaa bbbb')).toEqual([]);
    expect(broken('aaaa bbbb', { maxRepeats: 3 })).toEqual(['repeats']);
    expect(broken('abababab', { maxRepeats: 1 })).toEqual([]);
  });

  it('leaves strength open until it is known', () => {
    const rules = checkPassword('abcdefgh', { ...POLICY, minScore: 3 }, null);
    expect(rules).toContainEqual({ rule: 'strength', met: null });
    expect(broken('abcdefgh', { minScore: 3 }, 2)).toEqual(['strength']);
    expect(broken('abcdefgh', { minScore: 3 }, 3)).toEqual([]);
  });

  it('shows only the rules that there are', () => {
    expect(checkPassword('', POLICY, null).map(({ rule }) => rule)).toEqual(['length']);
  });
});

describe('normalPassword', () => {
  it('composes', () => {
    expect(normalPassword('e\u0301')).toBe('\u00e9');
  });
});
