/** The one place where the person confirms what is sensitive. */

import { MeApi } from '../api/me';
import { errands } from '../auth/errand';
import { passkeys } from '../auth/passkeys';
import { app } from './app.svelte';
import { GrantsStore } from './grants.svelte';

export const me = new MeApi(app.session);

export const grants = new GrantsStore({
  credential: app.session,
  passkeys,
  auth: app.auth,
  errands,
  features: () => app.features,
  security: () => me.security(),
  leave: (url) => location.assign(url),
  here: () => location.pathname,
});
