/** The media keys of keyboards, head sets and lock screens: what they ask for goes to the room like any control. */

export interface MediaKeys {
  readonly play: () => void;
  readonly pause: () => void;
  readonly next: () => void;
  readonly previous: () => void;
}

export function bindMediaKeys(keys: MediaKeys): () => void {
  if (!('mediaSession' in navigator)) return () => undefined;
  const session = navigator.mediaSession;
  const handlers: readonly (readonly [MediaSessionAction, () => void])[] = [
    ['play', keys.play],
    ['pause', keys.pause],
    ['nexttrack', keys.next],
    ['previoustrack', keys.previous],
  ];
  for (const [action, handler] of handlers) session.setActionHandler(action, handler);
  return () => {
    for (const [action] of handlers) session.setActionHandler(action, null);
    session.metadata = null;
  };
}

export function showMediaTitle(title: string, room: string): void {
  if ('mediaSession' in navigator) navigator.mediaSession.metadata = new MediaMetadata({ title, artist: room });
}
