/**
 * How strong a password is, by zxcvbn: the estimator that the server's own is a port of, with the same lists, so that
 * both say the same. Its lists are large; they load where the operator demands a score.
 */

/** 0 (guessed at once) to 4; `known` are words that a guesser would try first, as the person's name. */
export type Estimator = (password: string, known: readonly string[]) => number;

/** More tells nothing about strength, and takes long. */
const ENOUGH = 72;

export async function loadEstimator(): Promise<Estimator> {
  const { default: zxcvbn } = await import('zxcvbn');
  return (password, known) =>
    zxcvbn(
      password.slice(0, ENOUGH),
      known.filter((word) => word !== ''),
    ).score;
}
