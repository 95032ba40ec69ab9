import { providerTitle } from '../../../lib/i18n/provided';
import type { MediaLogin } from '../../../lib/api/libraryTypes';
import type { Place } from '../../../lib/stores/browsing.svelte';

/** The server of a sign-in as people say it: without what all addresses begin with. */
export function serverName({ server }: Pick<MediaLogin, 'server'>): string {
  return server.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

/** As whom and where: `mia · media.example.org`. */
export function loginName(login: MediaLogin): string {
  return [login.label, serverName(login)].filter((part) => part !== '').join(' · ');
}

/** What a place is called: its server, else its provider. */
export function placeName({ provider, login }: Place): string {
  return (login === null ? '' : serverName(login)) || providerTitle(provider);
}
