import { errands } from '../auth/errand';
import { app } from './app.svelte';

/** Leaves for a provider that vouches for the person; signed in, they come to `next`. */
export async function visitProvider(slug: string, next: string): Promise<void> {
  const { url } = await app.auth.startOAuth(slug, 'signIn', app.session);
  errands.remember({ purpose: 'signIn', next });
  location.assign(url);
}
