import type { ClosedAccount } from '../api/accountTypes';
import { app } from './app.svelte';
import { router } from './router.svelte';

/** Signs out and goes home. Here it holds even when the server could not be told. */
export async function signOut(): Promise<void> {
  await app.session.signOut().catch(() => undefined);
  router.go('/');
}

/** Goes home from an account that was closed, and says there what that means. */
export function goFromClosed({ restorableUntil }: ClosedAccount): void {
  // Home first: whoever is nobody any more is sent from the settings to the sign-in.
  router.go('/');
  app.session.forget();
  app.closedUntil = restorableUntil;
}
