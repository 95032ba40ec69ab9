import { readUserAgent } from '../lib/auth/userAgent';
import { t } from '../lib/i18n/locale.svelte';

/** What a person would call a device, by what its browser says of itself: “Firefox on Windows”. */
export function deviceName(userAgent: string): string {
  const { browser, system } = readUserAgent(userAgent);
  if (browser !== null && system !== null) return t('device.on', { browser, system });
  return browser ?? system ?? t('device.unknown');
}

/** The name that is suggested for what is made on this device. */
export function thisDevice(): string {
  return deviceName(navigator.userAgent);
}
