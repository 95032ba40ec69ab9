import { createContext } from 'svelte';
import type { AccountStore } from './account.svelte';
import type { RoomStore } from './room.svelte';

/** The room that the components below belong to. */
export const [useRoom, provideRoom] = createContext<RoomStore>();

/** The account that the components below are about. */
export const [useAccount, provideAccount] = createContext<AccountStore>();
