/** What the operator demands of a password, as the server counts it: characters are Unicode code points of the NFC form. */

import type { PasswordPolicy } from '../api/types';

export type Rule = 'length' | 'classes' | 'repeats' | 'strength';

export interface RuleState {
  readonly rule: Rule;
  /** Null while it is not known, as before the estimator of strength has loaded. */
  readonly met: boolean | null;
}

export const LONGEST = 256;

/** The password in Unicode's composed form, so that every keyboard types the same one. */
export function normalPassword(typed: string): string {
  return typed.normalize('NFC');
}

/** Every rule that the policy has, and whether the password keeps it. `score` (0 to 4) is null while it is not known. */
export function checkPassword(typed: string, policy: PasswordPolicy, score: number | null): RuleState[] {
  const characters = [...normalPassword(typed)];
  const rules: RuleState[] = [
    { rule: 'length', met: characters.length >= policy.minLength && characters.length <= LONGEST },
  ];
  if (policy.minClasses > 1) rules.push({ rule: 'classes', met: classesOf(characters) >= policy.minClasses });
  if (policy.maxRepeats > 0) rules.push({ rule: 'repeats', met: longestRun(characters) <= policy.maxRepeats });
  if (policy.minScore > 0) rules.push({ rule: 'strength', met: score === null ? null : score >= policy.minScore });
  return rules;
}

const CLASSES = [/^\p{Ll}$/u, /^\p{Lu}$/u, /^\p{Nd}$/u];

/** How many of lower case letters, upper case letters, digits and others there are. */
function classesOf(characters: readonly string[]): number {
  return new Set(characters.map((character) => CLASSES.findIndex((pattern) => pattern.test(character)))).size;
}

function longestRun(characters: readonly string[]): number {
  let longest = 0;
  let run = 0;
  characters.forEach((character, place) => {
    run = character === characters[place - 1] ? run + 1 : 1;
    longest = Math.max(longest, run);
  });
  return longest;
}
