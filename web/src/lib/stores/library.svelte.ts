/** What a room's library is to the person in it: its folders, what can be added from where, and what was just added. */

import type { Credential } from '../api/http';
import { LibraryApi } from '../api/library';
import { ProvidersApi } from '../api/providers';
import { t } from '../i18n/locale.svelte';
import { AddingStore } from './adding.svelte';
import { AdditionsStore } from './additions.svelte';
import { AddressDraft } from './address.svelte';
import { BrowsingStore } from './browsing.svelte';
import { CredentialsStore } from './credentials.svelte';
import { FoldersStore } from './folders.svelte';
import type { RoomStore } from './room.svelte';

/** What the dialog for adding shows. */
export type AddingView = 'browse' | 'address' | 'logins';

export class LibraryStore {
  /** Null while the dialog is closed. */
  view = $state<AddingView | null>(null);
  readonly api: LibraryApi;
  readonly credentials: CredentialsStore;
  readonly additions: AdditionsStore;
  readonly folders: FoldersStore;
  readonly browsing: BrowsingStore;
  readonly address = new AddressDraft();
  /** The box in the panel. */
  readonly pasting: AddingStore;
  /** The box on the empty screen: what is added there plays. */
  readonly beginning: AddingStore;

  constructor(credential: Credential, roomId: string, room: RoomStore) {
    this.api = new LibraryApi(credential, roomId);
    this.credentials = new CredentialsStore(new ProvidersApi(credential));
    this.additions = new AdditionsStore(this.api);
    this.folders = new FoldersStore({
      api: this.api,
      top: () => room.top,
      observe: (...args) => room.observeFolder(...args),
      onGone: ({ title }) => room.notices.say(t('folders.gone', { title })),
    });
    const shared = {
      api: this.api,
      additions: this.additions,
      credentials: this.credentials,
      folder: () => this.folders.target,
    };
    this.browsing = new BrowsingStore(shared);
    this.pasting = new AddingStore(shared);
    this.beginning = new AddingStore({
      ...shared,
      onAdded: ([first]) => first !== undefined && room.command({ kind: 'select', itemId: first }),
    });
  }

  stop(): void {
    this.folders.stop();
    this.additions.stop();
    this.browsing.listing.cancel();
    this.pasting.cancel();
    this.beginning.cancel();
  }
}
