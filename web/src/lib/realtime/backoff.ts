/** How long to wait before connecting again. */

const FIRST_MS = 400;
const LONGEST_MS = 10_000;

/**
 * Milliseconds before attempt `attempt` (0 is the first after a loss): doubling, bounded, and spread over its upper half
 * so that a whole room does not come back in the same instant. `random` is in [0, 1).
 */
export function backoff(attempt: number, random: number): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return most * (0.5 + random / 2);
}
