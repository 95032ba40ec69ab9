/** How positions and times are written. */

/** A position as m:ss or h:mm:ss. */
export function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  const s = String(whole % 60).padStart(2, '0');
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${s}` : `${m}:${s}`;
}

/** The time of day of an instant (milliseconds since the Unix epoch). */
export function timeOfDay(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(at);
}

/** How long ago something was, in the greatest whole unit up to days: “3 minutes ago”. `seconds` below 45 is now. */
export function ago(seconds: number, locale: string): string {
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  if (seconds < 45) return words.format(0, 'second');
  const minutes = Math.max(1, Math.floor(seconds / 60));
  if (minutes < 60) return words.format(-minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? words.format(-hours, 'hour') : words.format(-Math.floor(hours / 24), 'day');
}

/** How long ago an instant (RFC 3339) was. */
export function agoSince(at: string, locale: string): string {
  return ago((Date.now() - Date.parse(at)) / 1000, locale);
}

/** The day of an instant (RFC 3339) here: “12 May 2026”. */
export function dateOf(at: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(Date.parse(at));
}

/** The day and time of an instant (RFC 3339) here. */
export function dateAndTime(at: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(Date.parse(at));
}

/** Seconds as whole milliseconds, without a sign on zero. */
export function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000) || 0;
}
