import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/problem';
import type { Crumb, Entry, Finding, HttpFolder, LibraryPage, Look, MediaLogin, Provider } from '../api/libraryTypes';
import type { ProvidersApi } from '../api/providers';
import type { Folder, FolderContents, MediaItem } from '../realtime/values';
import { BrowsingStore } from './browsing.svelte';
import { CredentialsStore } from './credentials.svelte';
import { FoldersStore } from './folders.svelte';

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

function provider(name: string, capabilities: string[], needsLogin = true): Provider {
  const logins = capabilities.includes('login') ? [{ id: 'password', label: '', help: '', fields: [] }] : [];
  return { name, title: name, capabilities, needsLogin, logins, codes: [], source: [] };
}

function login(id: string, name: string, state: MediaLogin['state'] = 'good'): MediaLogin {
  return { id, provider: name, server: 'https://x.example', label: 'mia', state, createdAt: '', checkedAt: '' };
}

const JELLYFIN = provider('jellyfin', ['browse', 'search', 'login']);
const OPEN = provider('open', ['browse'], false);
const CRUMBS: readonly Crumb[] = [
  { path: '', title: 'Top' },
  { path: 'films', title: 'Films' },
];

function entry(index: number, type: Entry['type']): Entry {
  return { index, type, title: `${index}`, kind: null, duration: null, cover: null, detail: '', path: 'films' };
}

/** Signs in to what it knows. */
class Providers {
  logins_: MediaLogin[] = [];
  refusal: ApiError | null = null;
  loads = 0;
  confirmed = false;
  readonly api = {
    providers: () => Promise.resolve([JELLYFIN, OPEN, provider('direct', ['recognise', 'login'])]),
    logins: () => {
      this.loads += 1;
      return Promise.resolve([...this.logins_]);
    },
    signIn: (name: string) =>
      this.refusal === null ? Promise.resolve(login('cred_new', name)) : Promise.reject(this.refusal),
    beginCode: () => Promise.resolve({ flow: 'flow', code: '123456', expiresAt: '', pollSeconds: 5 }),
    checkCode: () => Promise.resolve(this.confirmed ? login('cred_code', 'jellyfin') : null),
    check: (id: string) =>
      this.refusal === null ? Promise.resolve(login(id, 'jellyfin', 'good')) : Promise.reject(this.refusal),
    remove: () => (this.refusal === null ? Promise.resolve() : Promise.reject(this.refusal)),
  } as unknown as ProvidersApi;
}

describe('CredentialsStore', () => {
  it('learns once what there is', async () => {
    const providers = new Providers();
    const store = new CredentialsStore(providers.api);
    await Promise.all([store.load(), store.load()]);
    await store.load();
    expect([providers.loads, store.list, store.provider('open')?.title]).toEqual([1, [], 'open']);
  });

  it('has the sign-in once its code is confirmed', async () => {
    const providers = new Providers();
    const store = new CredentialsStore(providers.api);
    await store.load();
    const code = await store.beginCode('jellyfin', 'quick_connect', {});
    expect([await store.checkCode(code), store.list]).toEqual([null, []]);
    providers.confirmed = true;
    expect((await store.checkCode(code))?.id).toBe('cred_code');
    expect(store.list?.map(({ id }) => id)).toEqual(['cred_code']);
  });

  it('has one sign-in for one server after signing in anew', async () => {
    const providers = new Providers();
    providers.logins_ = [login('cred_new', 'jellyfin', 'refused')];
    const store = new CredentialsStore(providers.api);
    await store.load();
    await store.signIn('jellyfin', 'password', {});
    expect(store.list?.map(({ id, state }) => [id, state])).toEqual([['cred_new', 'good']]);
  });

  it('shows a refused check as its state', async () => {
    const providers = new Providers();
    providers.logins_ = [login('cred_1', 'jellyfin')];
    const store = new CredentialsStore(providers.api);
    await store.load();
    providers.refusal = new ApiError('upstream_credential', 502, '');
    await expect(store.check(login('cred_1', 'jellyfin'))).rejects.toThrow(ApiError);
    expect(store.list?.[0]?.state).toBe('refused');
  });

  it('forgets one that is gone already', async () => {
    const providers = new Providers();
    providers.logins_ = [login('cred_1', 'jellyfin')];
    const store = new CredentialsStore(providers.api);
    await store.load();
    providers.refusal = new ApiError('not_found', 404, '');
    await store.remove(login('cred_1', 'jellyfin'));
    expect(store.list).toEqual([]);
  });

  it('knows where to sign in from the error', async () => {
    const store = new CredentialsStore(new Providers().api);
    await store.load();
    const error = (name: string) =>
      new ApiError('upstream_credential', 502, '', { upstream: { provider: name, server: 'https://x.example' } });
    expect(store.placeIn(error('jellyfin'))).toEqual({ provider: JELLYFIN, server: 'https://x.example' });
    expect(store.placeIn(error('unknown'))).toBeNull();
    expect(store.placeIn(new ApiError('offline', 0, ''))).toBeNull();
  });

  it('answers an older question with nothing when another is asked', async () => {
    const store = new CredentialsStore(new Providers().api);
    const first = store.ask(JELLYFIN, '');
    const second = store.ask(OPEN, 'https://y.example');
    expect(await first).toBeNull();
    expect(store.question?.server).toBe('https://y.example');
    store.question?.answer(login('cred_1', 'open'));
    expect((await second)?.id).toBe('cred_1');
    expect(store.question).toBeNull();
  });
});

async function browsing(logins: MediaLogin[]) {
  const providers = new Providers();
  providers.logins_ = logins;
  const credentials = new CredentialsStore(providers.api);
  await credentials.load();
  const asked: (Look & { cursor?: string })[] = [];
  const refusals: unknown[] = [];
  const added: unknown[] = [];
  const store = new BrowsingStore({
    api: {
      look: (look) => {
        asked.push(look);
        const refusal = refusals.shift();
        if (refusal !== undefined) return Promise.reject(refusal);
        const entries = [entry(0, 'folder'), entry(1, 'item'), entry(2, 'item')];
        const found: Finding = {
          ...{ id: `F${asked.length}`, provider: 'jellyfin', credentialId: null, entries, crumbs: CRUMBS },
          ...{ nextCursor: null, total: null, address: null },
        };
        return Promise.resolve(found);
      },
    },
    additions: {
      add: (entries, folder, onAdded) => {
        added.push([entries.map(({ key }) => key), folder]);
        onAdded?.(entries);
        return Promise.resolve([]);
      },
      addDynamic: (...args) => Promise.resolve(void added.push(args)),
    },
    credentials,
    folder: () => 'list_1',
  });
  return { store, asked, refusals, added, credentials };
}

describe('BrowsingStore', () => {
  it('has a place for each sign-in, and for what has none', async () => {
    const { store } = await browsing([login('cred_1', 'jellyfin'), login('cred_2', 'jellyfin')]);
    expect(store.places.map((place) => [place.provider.name, place.login?.id ?? null])).toEqual([
      ['jellyfin', 'cred_1'],
      ['jellyfin', 'cred_2'],
      ['open', null],
    ]);
    expect(store.closed.map(({ name }) => name)).toEqual(['jellyfin']);
  });

  it('opens the top of a place with its sign-in, then folders', async () => {
    const { store, asked } = await browsing([login('cred_1', 'jellyfin')]);
    await store.enter({ provider: JELLYFIN, login: login('cred_1', 'jellyfin') });
    await store.open({ path: 'films', title: 'Films' });
    expect(asked).toEqual([
      { provider: 'jellyfin', folder: '', credentialId: 'cred_1' },
      { provider: 'jellyfin', folder: 'films', credentialId: 'cred_1' },
    ]);
  });

  it('searches below the folder that is shown, and shows it again afterwards', async () => {
    const { store, asked } = await browsing([]);
    await store.enter({ provider: JELLYFIN, login: null });
    await store.open({ path: 'films', title: 'Films' });
    await store.search(' blade ');
    expect(asked.at(-1)).toEqual({ provider: 'jellyfin', folder: 'films', query: 'blade' });
    await store.search('');
    expect([asked.at(-1), store.query]).toEqual([{ provider: 'jellyfin', folder: 'films' }, '']);
  });

  it('keeps the way there when a folder can’t be read', async () => {
    const { store, refusals } = await browsing([]);
    await store.enter({ provider: JELLYFIN, login: null });
    refusals.push(new ApiError('upstream_unavailable', 502, ''));
    await store.open({ path: 'broken', title: 'Broken' });
    expect(store.way.map(({ title }) => title)).toEqual(['Top', 'Films', 'Broken']);
    expect(store.listing.error).toBeInstanceOf(ApiError);
  });

  it('asks for a sign-in and goes on as who that is', async () => {
    const { store, asked, refusals, credentials } = await browsing([login('cred_1', 'jellyfin', 'refused')]);
    const where = { provider: 'jellyfin', server: 'https://x.example' };
    refusals.push(new ApiError('upstream_credential', 502, '', { upstream: where }));
    const entered = store.enter({ provider: JELLYFIN, login: login('cred_1', 'jellyfin', 'refused') });
    await settle();
    expect(credentials.question?.server).toBe('https://x.example');
    credentials.question?.answer(login('cred_9', 'jellyfin'));
    await entered;
    expect(asked.at(-1)).toEqual({ provider: 'jellyfin', folder: '', credentialId: 'cred_9' });
    expect(store.listing.entries).toHaveLength(3);
  });

  it('adds what is chosen to the open folder, and chooses it no more', async () => {
    const { store, added } = await browsing([]);
    await store.enter({ provider: JELLYFIN, login: null });
    store.choice.toggleAll(store.listing.entries ?? []);
    await store.addChosen();
    expect([added, store.chosen]).toEqual([[[['F1/1', 'F1/2'], 'list_1']], []]);
    await store.addDynamic({ finding: 'F1', path: 'films', title: 'Films' });
    expect(added[1]).toEqual(['F1', 'films', 'Films', 'list_1']);
  });
});

function folder(id: string, parentId: string | null = null, dynamic = false): Folder {
  return { id, parentId, title: id, dynamic, provider: null, addedBy: null, version: 1 };
}

function item(id: string): MediaItem {
  return { id, title: id, provider: '', kind: 'video', duration: null, cover: null, addedBy: null, version: 1 };
}

/** A library by hand. */
class Shelves {
  top: FolderContents = { folders: [folder('a'), folder('live', null, true)], items: [item('1')], total: 1 };
  readonly watched: { id: string; show: (contents: FolderContents) => void; gone: () => void; ended: boolean }[] = [];
  readonly gone: string[] = [];
  readonly pages: [string | null, unknown][] = [];
  readonly looks: unknown[] = [];
  page: Partial<LibraryPage> = {};
  readonly store = new FoldersStore({
    api: {
      look: (look) => {
        this.looks.push(look);
        return Promise.reject(new ApiError('offline', 0, ''));
      },
      list: (id, query) => {
        this.pages.push([id, query]);
        return Promise.resolve({ items: [], folders: [], crumbs: [], nextCursor: null, total: 0, ...this.page });
      },
      createFolder: (title, parentId) => Promise.resolve(folder(title, parentId) as unknown as HttpFolder),
      renameFolder: (id, title) => Promise.resolve({ ...folder(id), title } as unknown as HttpFolder),
      moveFolder: (id) => Promise.resolve(folder(id) as unknown as HttpFolder),
      removeFolder: () => Promise.resolve(),
      moveItemInto: (id) => Promise.resolve({ ...item(id), folderId: null } as never),
    },
    top: () => this.top,
    observe: (id, show, gone) => {
      const watch = { id, show, gone, ended: false };
      this.watched.push(watch);
      return () => (watch.ended = true);
    },
    onGone: ({ id }) => this.gone.push(id),
  });
}

describe('FoldersStore', () => {
  it('shows the top, then what is observed of the folder that is opened', async () => {
    const shelves = new Shelves();
    const { store } = shelves;
    expect(store.items.map(({ id }) => id)).toEqual(['1']);
    shelves.page = { crumbs: [folder('a')] as unknown as HttpFolder[] };
    store.open(folder('a'));
    expect([store.contents, store.target]).toEqual([null, 'a']);
    shelves.watched[0]?.show({ folders: [], items: [item('2')], total: 1 });
    expect(store.items.map(({ id }) => id)).toEqual(['2']);
    store.back(0);
    expect([shelves.watched[0]?.ended, store.here, store.items.map(({ id }) => id)]).toEqual([true, null, ['1']]);
  });

  it('learns the way of a folder that was moved meanwhile', async () => {
    const shelves = new Shelves();
    shelves.page = { crumbs: [folder('b'), { ...folder('a', 'b'), title: 'Renamed' }] as unknown as HttpFolder[] };
    shelves.store.open(folder('a'));
    await settle();
    expect(shelves.store.way.map(({ title }) => title)).toEqual(['b', 'Renamed']);
  });

  it('goes a step back when the open folder is removed', () => {
    const shelves = new Shelves();
    shelves.store.open(folder('a'));
    shelves.store.open(folder('b', 'a'));
    shelves.watched[1]?.gone();
    expect([shelves.gone, shelves.store.here?.id]).toEqual([['b'], 'a']);
  });

  it('puts nothing into a live folder, but beside it', () => {
    const { store } = new Shelves();
    store.open(folder('live', 'a', true));
    expect([store.target, store.live.busy]).toEqual(['a', true]);
  });

  it('opens folders within a live one, and finds the way back', () => {
    const { store, looks } = new Shelves();
    const inner = { ...entry(0, 'folder'), title: 'Season 1', path: 's1', finding: 'f1', key: 'f1/0' };
    store.open(folder('live', 'a', true));
    store.enter(inner);
    store.enter({ ...inner, title: 'Extras', path: 's1/x', finding: 'f2' });
    expect(store.within.map(({ title }) => title)).toEqual(['Season 1', 'Extras']);
    store.leave(1);
    store.leave(0);
    store.leave(0);
    expect(looks).toEqual([
      { folderId: 'live' },
      { finding: 'f1', folder: 's1' },
      { finding: 'f2', folder: 's1/x' },
      { finding: 'f1', folder: 's1' },
      { folderId: 'live' },
    ]);
    store.enter(inner);
    store.back(0);
    expect([store.within, store.here]).toEqual([[], null]);
  });

  it('shows the next page behind the observed one, once each', async () => {
    const shelves = new Shelves();
    const first = Array.from({ length: 200 }, (_, index) => item(`${index}`));
    shelves.top = { folders: [], items: first, total: 203 };
    shelves.page = { items: [item('199'), item('200'), item('201'), item('202')] as never };
    expect(shelves.store.more).toBe(true);
    await shelves.store.loadMore();
    expect(shelves.pages.at(-1)).toEqual([null, { page: 2, limit: 200 }]);
    expect([shelves.store.items.length, shelves.store.more]).toEqual([203, false]);
  });
});
