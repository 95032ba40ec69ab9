import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/problem';
import { sentence } from './sentence';

function limited(retryAfter: number): string {
  return sentence(new ApiError('rate_limited', 429, 'Too many requests.', { retryAfter }));
}

describe('sentence', () => {
  it('asks for patience in seconds after haste, and in minutes after being removed', () => {
    expect(limited(3.2)).toContain('4 seconds');
    expect(limited(583)).toContain('10 minutes');
  });
});
