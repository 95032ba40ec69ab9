/** Looking through the folders of providers: where one is, what is chosen there, and adding it. */

import type { Crumb, Look, MediaLogin, Provider } from '../api/libraryTypes';
import type { AdditionsStore } from './additions.svelte';
import { Choice } from './choice.svelte';
import type { CredentialsStore } from './credentials.svelte';
import { Listing, type ListedEntry, type Looker } from './listing.svelte';

/** A provider as one of its sign-ins sees it; null where there are none. */
export interface Place {
  readonly provider: Provider;
  readonly login: MediaLogin | null;
}

export interface BrowsingOptions {
  readonly api: Looker;
  readonly additions: Pick<AdditionsStore, 'add' | 'addDynamic'>;
  readonly credentials: Pick<CredentialsStore, 'placeIn' | 'ask' | 'providers' | 'list'>;
  /** The folder that things go into now; null is the top. */
  readonly folder: () => string | null;
}

export class BrowsingStore {
  /** Null while the person chooses one. */
  place = $state.raw<Place | null>(null);
  /** What is searched for; empty while a folder is shown. */
  query = $state('');
  /** The folder of the place that is shown or searched. */
  path = $state('');
  readonly listing: Listing;
  /** From the top to the folder that is shown, as far as it is known while that one is on its way. */
  readonly way: readonly Crumb[] = $derived.by(() =>
    this.listing.crumbs.length > 0 ? this.listing.crumbs : this.#expected,
  );
  readonly choice = new Choice();
  adding = $state(false);
  refusal = $state.raw<unknown>(null);
  readonly places: readonly Place[] = $derived.by(() => this.#places());
  /** Those whose servers one can sign in to. */
  readonly closed: readonly Provider[] = $derived.by(() => this.#closed());
  readonly chosen: readonly ListedEntry[] = $derived.by(() =>
    (this.listing.entries ?? []).filter((entry) => this.choice.has(entry)),
  );
  #expected = $state.raw<readonly Crumb[]>([]);
  readonly #options: BrowsingOptions;

  constructor(options: BrowsingOptions) {
    this.#options = options;
    this.listing = new Listing(options.api);
  }

  get canSearch(): boolean {
    return this.place?.provider.capabilities.includes('search') === true;
  }

  get canBrowse(): boolean {
    return this.place?.provider.capabilities.includes('browse') === true;
  }

  async enter(place: Place): Promise<void> {
    this.place = place;
    this.#expected = [];
    if (this.canBrowse) await this.open({ path: '', title: '' });
    else this.#begin('', '');
  }

  /** Signs in to a provider that is closed without, and goes in. */
  async signInTo(provider: Provider): Promise<void> {
    const login = await this.#options.credentials.ask(provider, '');
    if (login !== null) await this.enter({ provider, login });
  }

  /** Back to the choice of places. */
  leave(): void {
    this.#begin('', '');
    this.place = null;
  }

  /** Opens a folder that is listed, or one on the way. */
  async open(folder: Crumb): Promise<void> {
    const known = this.way.findIndex(({ path }) => path === folder.path);
    const way = known < 0 ? [...this.way, folder] : this.way.slice(0, known + 1);
    this.#begin(folder.path, '');
    this.#expected = way;
    await this.#look(true);
  }

  /** Searches below the folder that is shown; an empty query shows that folder again. */
  async search(query: string): Promise<void> {
    const wanted = query.trim();
    if (wanted === '' && !this.canBrowse) return this.#begin('', '');
    const { way } = this;
    this.#begin(this.path, wanted);
    this.#expected = way;
    await this.#look(true);
  }

  /** Signs in where the last look was refused for want of it, and looks once more, as who that is. */
  async signIn(): Promise<void> {
    const { credentials } = this.#options;
    const wanted = credentials.placeIn(this.listing.error);
    if (wanted === null || this.place === null) return;
    const login = await credentials.ask(wanted.provider, wanted.server || (this.place.login?.server ?? ''));
    if (login === null) return;
    this.place = { provider: wanted.provider, login };
    await this.#look(false);
  }

  async addChosen(): Promise<void> {
    await this.add(this.chosen);
  }

  /** Adds these; those that were added are no longer chosen. */
  async add(entries: readonly ListedEntry[]): Promise<void> {
    await this.#attempt(() =>
      this.#options.additions.add(entries, this.#options.folder(), (added) => {
        for (const entry of added) if (this.choice.has(entry)) this.choice.toggle(entry);
      }),
    );
  }

  async addDynamic({ finding, path, title }: { finding: string; path: string; title: string }): Promise<void> {
    await this.#attempt(() => this.#options.additions.addDynamic(finding, path, title, this.#options.folder()));
  }

  async #attempt(work: () => Promise<unknown>): Promise<void> {
    if (this.adding) return;
    this.adding = true;
    this.refusal = null;
    try {
      await work();
    } catch (error) {
      this.refusal = error;
    } finally {
      this.adding = false;
    }
  }

  #begin(path: string, query: string): void {
    this.path = path;
    this.query = query;
    this.refusal = null;
    this.choice.clear();
    this.listing.clear();
  }

  async #look(asked: boolean): Promise<void> {
    const look = this.#wanted();
    if (look === null) return;
    const found = await this.listing.open(look);
    if (found === null && asked && this.listing.error !== null) await this.signIn();
  }

  #wanted(): Look | null {
    if (this.place === null) return null;
    const { provider, login } = this.place;
    const query = this.query === '' ? {} : { query: this.query };
    return { provider: provider.name, folder: this.path, ...query, ...(login && { credentialId: login.id }) };
  }

  /** One for each sign-in, and one where there is nothing to sign in to. */
  #places(): readonly Place[] {
    const { list } = this.#options.credentials;
    return this.#open().flatMap((provider) => {
      const logins = (list ?? []).filter((login) => login.provider === provider.name);
      const places: Place[] = logins.map((login) => ({ provider, login }));
      return provider.logins.length > 0 ? places : [{ provider, login: null }];
    });
  }

  #closed(): readonly Provider[] {
    return this.#open().filter(({ logins }) => logins.length > 0);
  }

  #open(): readonly Provider[] {
    return (this.#options.credentials.providers ?? []).filter(({ capabilities }) =>
      capabilities.some((capability) => capability === 'browse' || capability === 'search'),
    );
  }
}
