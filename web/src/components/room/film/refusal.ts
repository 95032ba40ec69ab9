/** Why a film does not come, in the words of who watches it. */

import type { AnyKey } from '../../../lib/i18n/locale.svelte';
import { wordsAbroad } from '../../../lib/i18n/sentence';
import type { DeliveryTrouble } from '../../../lib/player/delivery';

type Words = Readonly<Record<string, AnyKey>>;

/** What these codes mean at the address of media is not what they mean elsewhere. */
const OF_MEDIA: Words = {
  token_expired: 'film.refused.token_expired',
  permission_denied: 'film.refused.permission_denied',
  not_found: 'film.refused.not_found',
  unavailable: 'film.refused.unavailable',
};

/** In English the server says it better: it names the other server. */
const OF_UPSTREAM: Words = {
  upstream_credential: 'film.refused.upstream_credential',
  upstream_not_found: 'film.refused.upstream_not_found',
  upstream_unavailable: 'film.refused.upstream_unavailable',
  upstream_timeout: 'film.refused.upstream_timeout',
  upstream_format: 'film.refused.upstream_format',
  upstream_changed: 'film.refused.upstream_changed',
};

export function wordsFor({ kind }: DeliveryTrouble): Words {
  return { ...(kind === 'refused' ? OF_MEDIA : {}), ...wordsAbroad(OF_UPSTREAM) };
}
