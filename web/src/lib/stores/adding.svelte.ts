/** The box that people paste into: it looks what that is, shows it, and adds what they choose. */

import type { MediaLogin } from '../api/libraryTypes';
import type { AdditionsStore } from './additions.svelte';
import { Choice, thingsOf } from './choice.svelte';
import type { CredentialsStore } from './credentials.svelte';
import { Listing, type ListedEntry, type Looker } from './listing.svelte';

export interface AddingOptions {
  readonly api: Looker;
  readonly additions: Pick<AdditionsStore, 'add'>;
  readonly credentials: Pick<CredentialsStore, 'load' | 'placeIn' | 'ask'>;
  /** The folder that things go into now; null is the top. */
  readonly folder: () => string | null;
  /** Gets what was added. */
  readonly onAdded?: (itemIds: readonly string[]) => void;
}

/** People type slower than they paste: nothing is asked while they still do. */
export const TYPING_MS = 600;

export class AddingStore {
  /** What stands in the box. */
  text = $state('');
  readonly choice = new Choice();
  readonly listing: Listing;
  /** Whether something is being added. */
  adding = $state(false);
  /** Whether the box was empty when it was to be added. */
  empty = $state(false);
  /** Why adding failed. */
  refusal = $state.raw<unknown>(null);
  readonly things: readonly ListedEntry[] = $derived(this.#things());
  readonly chosen: readonly ListedEntry[] = $derived(this.#chosen());
  readonly error: unknown = $derived(this.#error());
  readonly #options: AddingOptions;
  /** What the listing is about. */
  #looked: string | null = null;
  #looking: Promise<void> = Promise.resolve();
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor(options: AddingOptions) {
    this.#options = options;
    this.listing = new Listing(options.api);
  }

  /** The text changed by typing. A whole address is looked at once nobody types any more. */
  typed(text: string): void {
    this.#change(text);
    if (isAddress(text)) this.#typing = setTimeout(() => void this.#look(false), TYPING_MS);
  }

  /** Something was pasted or dropped: it is looked at right away. */
  async take(text: string): Promise<void> {
    this.#change(text.trim());
    if (this.text !== '') await this.#look(true);
  }

  /** Adds what is chosen. Where nobody has looked yet, looks first, and adds what it is when it is one thing. */
  async submit(): Promise<void> {
    clearTimeout(this.#typing);
    if (this.text.trim() === '') {
      this.empty = true;
      return;
    }
    if (this.#looked === this.text.trim() && this.listing.busy) await this.#looking;
    else if (this.chosen.length > 0) return this.add(this.chosen);
    else await this.#look(true);
    if (this.things.length === 1) await this.add(this.things);
  }

  async add(entries: readonly ListedEntry[]): Promise<void> {
    if (this.adding || entries.length === 0) return;
    this.adding = true;
    this.refusal = null;
    try {
      const items = await this.#options.additions.add(entries, this.#options.folder());
      this.clear();
      this.#options.onAdded?.(items.map(({ id }) => id));
    } catch (error) {
      this.refusal = error;
    } finally {
      this.adding = false;
    }
  }

  /** Signs in where the last look was refused for want of it, and looks once more. */
  async signIn(): Promise<void> {
    const place = this.#options.credentials.placeIn(this.listing.error);
    if (place === null) return;
    const login: MediaLogin | null = await this.#options.credentials.ask(place.provider, place.server);
    if (login !== null) await this.#look(false);
  }

  /** Stops looking; the text stays. */
  cancel(): void {
    clearTimeout(this.#typing);
    this.listing.cancel();
    this.#looked = null;
  }

  clear(): void {
    this.#change('');
  }

  #change(text: string): void {
    clearTimeout(this.#typing);
    this.text = text;
    this.empty = false;
    this.refusal = null;
    if (text.trim() === this.#looked) return;
    this.#looked = null;
    this.listing.clear();
    this.choice.clear();
  }

  /** `asked`: by the person, and not by the box itself; only then a form may come up by itself. */
  #look(asked: boolean): Promise<void> {
    clearTimeout(this.#typing);
    this.#looking = this.#ask(asked);
    return this.#looking;
  }

  async #ask(asked: boolean): Promise<void> {
    const text = this.text.trim();
    this.#looked = text;
    this.choice.clear();
    const [found] = await Promise.all([
      this.listing.open({ text }),
      // Only to name providers and to sign in there: adding works without it.
      this.#options.credentials.load().catch(() => undefined),
    ]);
    if (found !== null) this.choice.toggleAll(this.things);
    else if (asked && this.#looked === text && this.listing.error !== null) await this.signIn();
  }

  #things(): readonly ListedEntry[] {
    return thingsOf(this.listing.entries ?? []);
  }

  #chosen(): readonly ListedEntry[] {
    return this.things.filter((entry) => this.choice.has(entry));
  }

  #error(): unknown {
    return this.refusal ?? this.listing.error;
  }
}

/** Whether a text is a whole web address. */
export function isAddress(text: string): boolean {
  return /^https?:\/\/[^\s/]+\.[^\s/]+|^https?:\/\/[^\s/]+\/\S/i.test(text.trim()) && URL.canParse(text.trim());
}
