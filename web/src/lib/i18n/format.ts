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

/** Seconds as whole milliseconds, without a sign on zero. */
export function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000) || 0;
}
