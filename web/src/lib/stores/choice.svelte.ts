/** Which of the listed entries are chosen. */

import type { ListedEntry } from './listing.svelte';

export interface ChosenGroup {
  readonly finding: string;
  readonly choose: readonly number[];
}

/** As many as the server takes at once. */
const AT_ONCE = 500;

export class Choice {
  keys = $state.raw<ReadonlySet<string>>(new Set());

  has(entry: ListedEntry): boolean {
    return this.keys.has(entry.key);
  }

  toggle(entry: ListedEntry): void {
    const keys = new Set(this.keys);
    if (!keys.delete(entry.key)) keys.add(entry.key);
    this.keys = keys;
  }

  /** Chooses all things among these, or none of them where they are all chosen already. */
  toggleAll(entries: readonly ListedEntry[]): void {
    const things = thingsOf(entries);
    const keys = new Set(this.keys);
    const all = this.hasAll(entries);
    for (const { key } of things) {
      if (all) keys.delete(key);
      else keys.add(key);
    }
    this.keys = keys;
  }

  hasAll(entries: readonly ListedEntry[]): boolean {
    const things = thingsOf(entries);
    return things.length > 0 && things.every((entry) => this.has(entry));
  }

  clear(): void {
    this.keys = new Set();
  }
}

/** What can be chosen of these: folders are for opening. */
export function thingsOf(entries: readonly ListedEntry[]): readonly ListedEntry[] {
  return entries.filter(({ type }) => type === 'item');
}

/** These by their finding, in their order, in portions that the server takes. */
export function grouped(entries: readonly ListedEntry[]): readonly ChosenGroup[] {
  const groups: { finding: string; choose: number[] }[] = [];
  for (const { finding, index } of entries) {
    const last = groups.at(-1);
    if (last?.finding === finding && last.choose.length < AT_ONCE) last.choose.push(index);
    else groups.push({ finding, choose: [index] });
  }
  return groups;
}
