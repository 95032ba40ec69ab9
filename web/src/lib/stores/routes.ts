/** The addresses of the page. */

export type Route =
  | { readonly name: 'home' }
  | { readonly name: 'setup' }
  | { readonly name: 'signIn'; readonly next: string }
  | { readonly name: 'join'; readonly room: string }
  | { readonly name: 'room'; readonly roomId: string }
  | { readonly name: 'notFound' };

export function routeOf(path: string, search = ''): Route {
  const [first, second, ...rest] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodePart);
  if (first === undefined) return { name: 'home' };
  if (rest.length > 0) return { name: 'notFound' };
  return (second === undefined ? pageAt(first, search) : roomAt(first, second)) ?? { name: 'notFound' };
}

function pageAt(place: string, search: string): Route | null {
  if (place === 'setup') return { name: 'setup' };
  return place === 'signin' ? { name: 'signIn', next: innerPath(search) } : null;
}

function roomAt(place: string, room: string): Route | null {
  if (place === 'r') return { name: 'join', room };
  return place === 'rooms' ? { name: 'room', roomId: room } : null;
}

export function signInPath(next: string): string {
  return `/signin?next=${encodeURIComponent(next)}`;
}

const CODE = /^[A-Za-z0-9]{8}$/;
const ROOM_ID = /^room_[0-9a-z]{26}$/;

/** The code or id of a room in what a person typed or pasted: a code, an id, or a link to a room. */
export function roomIn(text: string): string | null {
  const typed = text.trim().replace(/[\s-]/g, '');
  if (CODE.test(typed)) return typed.toUpperCase();
  if (ROOM_ID.test(typed)) return typed;
  const match = /\/(?:r|rooms)\/([^/?#]+)/.exec(text.trim());
  return match?.[1] ?? null;
}

/** Only addresses of this page: a link must not send people elsewhere after signing in. */
function innerPath(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '/';
  return /^\/(?![/\\])/.test(next) ? next : '/';
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
