/** The addresses of the page. */

export type Route =
  | { readonly name: 'home' }
  | { readonly name: 'setup' }
  | { readonly name: 'signIn'; readonly next: string }
  /** Where an identity provider sends people back to. */
  | { readonly name: 'signInDone' }
  | { readonly name: 'signUp'; readonly next: string }
  | { readonly name: 'reset' }
  | { readonly name: 'account'; readonly section: Section }
  | { readonly name: 'join'; readonly room: string }
  | { readonly name: 'room'; readonly roomId: string }
  | { readonly name: 'notFound' };

/** The sections of the account, in the order of the list. */
export const SECTIONS = [
  'profile',
  'ways',
  'two-step',
  'sessions',
  'linked',
  'media',
  'activity',
  'data',
  'language',
  'appearance',
] as const;
export type Section = (typeof SECTIONS)[number];

export function routeOf(path: string, search = ''): Route {
  const [first, second, ...rest] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodePart);
  if (first === undefined) return { name: 'home' };
  if (rest.length > 0) return { name: 'notFound' };
  return (second === undefined ? pageAt(first, search) : placeIn(first, second)) ?? { name: 'notFound' };
}

function pageAt(place: string, search: string): Route | null {
  switch (place) {
    case 'setup':
      return { name: 'setup' };
    case 'signin':
      return { name: 'signIn', next: innerPath(search) };
    case 'signup':
      return { name: 'signUp', next: innerPath(search) };
    case 'reset':
      return { name: 'reset' };
    case 'account':
      return { name: 'account', section: 'profile' };
    default:
      return null;
  }
}

function placeIn(place: string, inner: string): Route | null {
  switch (place) {
    case 'r':
      return { name: 'join', room: inner };
    case 'rooms':
      return { name: 'room', roomId: inner };
    case 'signin':
      return inner === 'done' ? { name: 'signInDone' } : null;
    case 'account':
      return isSection(inner) ? { name: 'account', section: inner } : null;
    default:
      return null;
  }
}

function isSection(text: string): text is Section {
  return (SECTIONS as readonly string[]).includes(text);
}

export function accountPath(section: Section): string {
  return section === 'profile' ? '/account' : `/account/${section}`;
}

export function signInPath(next: string): string {
  return next === '/' ? '/signin' : `/signin?next=${encodeURIComponent(next)}`;
}

export function signUpPath(next: string): string {
  return next === '/' ? '/signup' : `/signup?next=${encodeURIComponent(next)}`;
}

/** Where to come back to after signing in from this place. */
export function placeToReturnTo(route: Route): string {
  switch (route.name) {
    case 'join':
      return `/r/${route.room}`;
    case 'room':
      return `/rooms/${route.roomId}`;
    case 'account':
      return accountPath(route.section);
    case 'signIn':
    case 'signUp':
      return route.next;
    default:
      return '/';
  }
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
  // Browsers leave out tabs and line breaks wherever they stand in an address.
  return /^\/(?![/\\])[^\t\n\r]*$/.test(next) ? next : '/';
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
