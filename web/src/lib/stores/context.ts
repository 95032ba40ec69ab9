import { createContext } from 'svelte';
import type { AccountStore } from './account.svelte';
import type { CredentialsStore } from './credentials.svelte';
import type { LibraryStore } from './library.svelte';
import type { RoomStore } from './room.svelte';

/** The room that the components below belong to. */
export const [useRoom, provideRoom] = createContext<RoomStore>();

/** The account that the components below are about. */
export const [useAccount, provideAccount] = createContext<AccountStore>();

/** The library of that room. */
export const [useLibrary, provideLibrary] = createContext<LibraryStore>();

/** One's sign-ins at providers, for the forms below. */
export const [useCredentials, provideCredentials] = createContext<CredentialsStore>();
