/** The speeds that are offered. */

const RATES: readonly number[] = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 3, 4];

/** With the present one, whatever it is. */
export function ratesWith(present: number): readonly number[] {
  return [...new Set([...RATES, present])].sort((a, b) => a - b);
}
