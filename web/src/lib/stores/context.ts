import { createContext } from 'svelte';
import type { RoomStore } from './room.svelte';

/** The room that the components below belong to. */
export const [useRoom, provideRoom] = createContext<RoomStore>();
