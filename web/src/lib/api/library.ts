/** What is in a room's library, and looking for more. */

import { Http, type Credential } from './http';
import type { Finding, HttpFolder, HttpItem, LibraryPage, Look } from './libraryTypes';

/** Some sites take half a minute to say what is behind an address. */
const LOOK_MS = 90_000;

export class LibraryApi {
  readonly #http: Http;
  readonly #path: string;

  constructor(credential: Credential, roomId: string) {
    this.#http = new Http(credential);
    this.#path = `/rooms/${encodeURIComponent(roomId)}`;
  }

  look(look: Look & { readonly cursor?: string }, signal: AbortSignal): Promise<Finding> {
    return this.#http.ask(`${this.#path}/findings`, look, { within: LOOK_MS, signal });
  }

  /** Adds entries of a finding; null is the top folder. */
  async add(finding: string, choose: readonly number[], folderId: string | null): Promise<readonly HttpItem[]> {
    const body = { finding, choose, folderId };
    return (await this.#http.post<{ items: readonly HttpItem[] }>(`${this.#path}/items/batch`, body)).items;
  }

  addDynamic(finding: string, path: string, title: string, parentId: string | null): Promise<HttpFolder> {
    return this.#http.post(`${this.#path}/folders/dynamic`, { finding, path, title, parentId });
  }

  /** A page of a folder; null is the top. */
  list(folder: string | null, query: { page?: number; limit?: number } = {}): Promise<LibraryPage> {
    return this.#http.get(`${this.#path}/library`, { folder, ...query });
  }

  createFolder(title: string, parentId: string | null): Promise<HttpFolder> {
    return this.#http.post(`${this.#path}/folders`, { title, parentId });
  }

  renameFolder(id: string, title: string): Promise<HttpFolder> {
    return this.#http.patch(this.#folder(id), { title });
  }

  moveFolder(id: string, parentId: string | null): Promise<HttpFolder> {
    return this.#http.patch(this.#folder(id), { parentId });
  }

  /** With all that is in it. */
  removeFolder(id: string): Promise<void> {
    return this.#http.delete(this.#folder(id));
  }

  moveItemInto(id: string, folderId: string | null): Promise<HttpItem> {
    return this.#http.patch(`${this.#path}/items/${encodeURIComponent(id)}`, { folderId });
  }

  removeItem(id: string): Promise<void> {
    return this.#http.delete(`${this.#path}/items/${encodeURIComponent(id)}`);
  }

  #folder(id: string): string {
    return `${this.#path}/folders/${encodeURIComponent(id)}`;
  }
}
