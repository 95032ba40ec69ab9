/** The keys of a room. */

export type Shortcut =
  | {
      readonly kind: 'toggle' | 'mute' | 'fullscreen' | 'chat' | 'next' | 'previous' | 'help' | 'subtitles' | 'danmaku';
    }
  /** Seconds. */
  | { readonly kind: 'seek'; readonly by: number }
  | { readonly kind: 'volume'; readonly by: number };

const KEYS: Readonly<Record<string, Shortcut>> = {
  ' ': { kind: 'toggle' },
  k: { kind: 'toggle' },
  j: { kind: 'seek', by: -10 },
  l: { kind: 'seek', by: 10 },
  ArrowLeft: { kind: 'seek', by: -5 },
  ArrowRight: { kind: 'seek', by: 5 },
  ArrowUp: { kind: 'volume', by: 0.05 },
  ArrowDown: { kind: 'volume', by: -0.05 },
  m: { kind: 'mute' },
  f: { kind: 'fullscreen' },
  c: { kind: 'subtitles' },
  d: { kind: 'danmaku' },
  '/': { kind: 'chat' },
  n: { kind: 'next' },
  p: { kind: 'previous' },
  '?': { kind: 'help' },
};

/** Null where the key means something to what has the focus, or nothing at all. */
export function shortcutFor(event: KeyboardEvent): Shortcut | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!(event.target instanceof Element) || isTaken(key, event.target)) return null;
  return KEYS[key] ?? null;
}

/** Whether `target` itself does something with the key. */
function isTaken(key: string, target: Element): boolean {
  if (target.closest('textarea, select, dialog') !== null) return true;
  if (target instanceof HTMLInputElement && target.type !== 'range' && target.type !== 'checkbox') return true;
  if (key === ' ') return target.closest('button, a, input') !== null;
  return key.startsWith('Arrow') && target.closest('[role=tablist], [data-scrolls], [popover]') !== null;
}
