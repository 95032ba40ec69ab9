import { t } from '../lib/i18n/locale.svelte';

/** What the server leaves of the name of somebody whose account was deleted for good. */
const FORMER = '(former account)';

/** The name of whoever did something, in the words of the page where there is none any more. */
export function shownName(name: string): string {
  return name === FORMER ? t('person.former') : name;
}
