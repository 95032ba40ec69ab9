import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/problem';
import { chooseLocale, needTexts } from './locale.svelte';
import { fieldSentence, sentence } from './sentence';

function limited(retryAfter: number): string {
  return sentence(new ApiError('rate_limited', 429, 'Too many requests.', { retryAfter }));
}

describe('sentence', () => {
  it('asks for patience in seconds after haste, and in minutes after being removed', () => {
    expect(limited(3.2)).toContain('4 seconds');
    expect(limited(583)).toContain('10 minutes');
  });
  it('says what is wrong with a field in the language of the page, and in English what it can not', async () => {
    const refused = (message: string) =>
      new ApiError('invalid_argument', 400, message, { errors: [{ path: 'username', message }] });
    const short = refused('A username has 3 to 32 characters.');
    await chooseLocale('zh-CN');
    expect([sentence(short), fieldSentence(short, 'username')]).toEqual(Array(2).fill('用户名为 3 到 32 个字符。'));
    expect(sentence(refused('Nothing that is known.'))).toBe('Nothing that is known.');
    await chooseLocale('en');
    expect(sentence(short)).toBe('A username has 3 to 32 characters.');
  });
  it('names the other server in English, and says in other languages what is known of the code', async () => {
    await needTexts(['library']);
    const refused = new ApiError('upstream_refused', 502, '10.0.0.1 failed: it is in a private network.');
    const limited = (retryAfter: number) =>
      sentence(new ApiError('upstream_rate_limited', 502, 'films.example failed.', { retryAfter }));
    expect([sentence(refused), limited(40)]).toEqual([refused.message, 'films.example failed.']);
    await chooseLocale('zh-CN');
    expect(sentence(refused)).toContain('synctv egress allow');
    expect([limited(40), limited(600)]).toEqual([
      expect.stringContaining('40 秒') as string,
      expect.stringContaining('10 分钟') as string,
    ]);
    await chooseLocale('en');
  });
});
