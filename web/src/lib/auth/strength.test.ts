import { describe, expect, it } from 'vitest';
import { loadEstimator } from './strength';

describe('the estimator', () => {
  it('tells easy from hard', async () => {
    const estimate = await loadEstimator();
    expect(estimate('password123', [])).toBe(0);
    expect(estimate('correct horse battery staple', [])).toBe(4);
  });

  it('knows that one’s own name is easy', async () => {
    const estimate = await loadEstimator();
    expect(estimate('zubrowka-mia', ['zubrowka-mia'])).toBeLessThan(estimate('zubrowka-mia', ['']));
  });

  it('looks at no more than tells something', async () => {
    const estimate = await loadEstimator();
    expect(estimate('x1'.repeat(36), [])).toBe(estimate('x1'.repeat(500), []));
  });
});
