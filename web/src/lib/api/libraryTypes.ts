/** The values of the HTTP API around what can be added and where it lies. Durations are in seconds, times RFC 3339. */

export interface FormField {
  readonly name: string;
  /** English; the page may know better words for `name`. */
  readonly label: string;
  readonly kind: 'text' | 'url' | 'hidden' | 'long_hidden';
  readonly required: boolean;
  readonly placeholder: string;
  readonly help: string;
}

/** One way to sign in; a product by name is a way of its own. */
export interface LoginForm {
  readonly id: string;
  readonly label: string;
  readonly help: string;
  readonly fields: readonly FormField[];
}

export interface Provider {
  readonly name: string;
  readonly title: string;
  readonly capabilities: readonly string[];
  readonly needsLogin: boolean;
  readonly logins: readonly LoginForm[];
  /** The forms that lead to a code, which is confirmed at the server. */
  readonly codes: readonly LoginForm[];
  readonly source: readonly FormField[];
}

/** A code to confirm where one is signed in already, and with what to ask whether that was done. */
export interface LoginCode {
  readonly flow: string;
  readonly code: string;
  readonly expiresAt: string;
  readonly pollSeconds: number;
}

/** A sign-in at the server of a provider; `server` is empty where the provider has only one. */
export interface MediaLogin {
  readonly id: string;
  readonly provider: string;
  readonly server: string;
  readonly label: string;
  readonly state: 'good' | 'refused' | 'unknown';
  readonly createdAt: string;
  readonly checkedAt: string;
}

/** What to look at. Without `credentialId` the server takes a fitting sign-in of the person by itself. */
export type Look =
  | { readonly text: string }
  | { readonly provider: string; readonly source: Readonly<Record<string, unknown>>; readonly credentialId?: string }
  | { readonly provider: string; readonly folder: string; readonly query?: string; readonly credentialId?: string }
  | { readonly folderId: string }
  | { readonly finding: string; readonly folder: string };

export interface Entry {
  /** Its number in its finding. */
  readonly index: number;
  readonly type: 'item' | 'folder';
  readonly title: string;
  readonly kind: 'video' | 'audio' | 'live' | null;
  readonly duration: number | null;
  readonly cover: string | null;
  /** What tells it from its neighbours, on one line. */
  readonly detail: string;
  /** Opens a folder. */
  readonly path: string | null;
}

export interface Crumb {
  readonly path: string;
  readonly title: string;
}

/** A page of what was found; the server knows it for half an hour. */
export interface Finding {
  readonly id: string;
  readonly provider: string;
  readonly credentialId: string | null;
  readonly entries: readonly Entry[];
  readonly crumbs: readonly Crumb[];
  readonly nextCursor: string | null;
  readonly total: number | null;
  /** What a pasted text without a scheme was completed to; null where nothing had to be. */
  readonly address: string | null;
}

interface AddedBy {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
}

export interface HttpItem {
  readonly id: string;
  readonly folderId: string | null;
  readonly title: string;
  readonly provider: string;
  readonly kind: string;
  readonly duration: number | null;
  readonly cover: string | null;
  readonly addedBy: AddedBy;
  readonly version: number;
}

export interface HttpFolder {
  readonly id: string;
  readonly parentId: string | null;
  readonly title: string;
  readonly dynamic: boolean;
  readonly provider: string | null;
  readonly addedBy: AddedBy;
  readonly version: number;
}

export interface LibraryPage {
  readonly items: readonly HttpItem[];
  /** All of them, with the first page only. */
  readonly folders: readonly HttpFolder[];
  /** The way from the top, the folder itself last. */
  readonly crumbs: readonly HttpFolder[];
  readonly nextCursor: string | null;
  readonly total: number;
}
