import type { Entry } from '../../../lib/api/libraryTypes';
import { clockTime } from '../../../lib/i18n/format';
import { t } from '../../../lib/i18n/locale.svelte';

/** The line below the title of an entry: what it is, how long, and what tells it from its neighbours. */
export function entryDetails({ kind, duration, detail }: Entry): string {
  return [kind === null ? '' : t(`kind.${kind}`), duration === null ? '' : clockTime(duration), detail]
    .filter((part) => part !== '')
    .join(' · ');
}
