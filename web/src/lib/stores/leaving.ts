import { app } from './app.svelte';
import { router } from './router.svelte';

/** Signs out and goes home. Here it holds even when the server could not be told. */
export async function signOut(): Promise<void> {
  await app.session.signOut().catch(() => undefined);
  router.go('/');
}
