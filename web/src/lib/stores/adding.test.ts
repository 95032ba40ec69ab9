import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/problem';
import type { Entry, Finding, HttpItem, Look, MediaLogin, Provider } from '../api/libraryTypes';
import { AddingStore, TYPING_MS, isAddress } from './adding.svelte';
import { AdditionsStore, UNDO_MS } from './additions.svelte';
import { AddressDraft } from './address.svelte';
import { Choice, grouped } from './choice.svelte';
import { Listing, MOST_LISTED, type ListedEntry } from './listing.svelte';

export function entry(index: number, type: Entry['type'] = 'item'): Entry {
  const path = type === 'folder' ? `path-${index}` : null;
  return { index, type, title: `Thing ${index}`, kind: 'video', duration: null, cover: null, detail: '', path };
}

export function finding(id: string, count: number, nextCursor: string | null = null): Finding {
  const entries = Array.from({ length: count }, (_, index) => entry(index));
  return { id, provider: 'direct', credentialId: null, entries, crumbs: [], nextCursor, total: null, address: null };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Answers looks by hand. */
class Upstream {
  readonly asked: {
    look: Look & { cursor?: string };
    signal: AbortSignal;
    answer: (finding: Finding) => void;
    refuse: (error: unknown) => void;
  }[] = [];
  readonly look = (look: Look & { cursor?: string }, signal: AbortSignal): Promise<Finding> =>
    new Promise((answer, refuse) => this.asked.push({ look, signal, answer, refuse }));

  async answer(index: number, found: Finding): Promise<void> {
    this.asked[index]?.answer(found);
    await settle();
  }

  async refuse(index: number, error: unknown): Promise<void> {
    this.asked[index]?.refuse(error);
    await settle();
  }
}

describe('Listing', () => {
  it('adds page after page, and names entries by their page', async () => {
    const upstream = new Upstream();
    const listing = new Listing(upstream);
    void listing.open({ provider: 'p', folder: '' });
    await upstream.answer(0, finding('A', 2, 'next'));
    void listing.next();
    await upstream.answer(1, finding('B', 1));
    expect(listing.entries?.map(({ key }) => key)).toEqual(['A/0', 'A/1', 'B/0']);
    expect(upstream.asked[1]?.look.cursor).toBe('next');
    expect(listing.more).toBe(false);
  });

  it('takes the look under way back when another begins, and ignores its answer', async () => {
    const upstream = new Upstream();
    const listing = new Listing(upstream);
    void listing.open({ text: 'one' });
    void listing.open({ text: 'two' });
    expect(upstream.asked[0]?.signal.aborted).toBe(true);
    await upstream.answer(0, finding('old', 1));
    expect([listing.entries, listing.busy]).toEqual([null, true]);
    await upstream.answer(1, finding('new', 1));
    expect([listing.finding?.id, listing.busy]).toEqual(['new', false]);
  });

  it('keeps what it has when the next page fails, and asks once more for that page', async () => {
    const upstream = new Upstream();
    const listing = new Listing(upstream);
    void listing.open({ text: 'one' });
    await upstream.answer(0, finding('A', 2, 'next'));
    void listing.next();
    await upstream.refuse(1, new ApiError('offline', 0, ''));
    expect([listing.entries?.length, listing.error]).toEqual([2, expect.any(ApiError)]);
    void listing.again();
    expect(upstream.asked[2]?.look.cursor).toBe('next');
  });

  it('tells nobody of a look that was cancelled', async () => {
    const upstream = new Upstream();
    const listing = new Listing(upstream);
    void listing.open({ text: 'one' });
    listing.cancel();
    await upstream.refuse(0, new ApiError('offline', 0, ''));
    expect([listing.error, listing.busy]).toEqual([null, false]);
  });

  it('ends somewhere, however much there is', async () => {
    const upstream = new Upstream();
    const listing = new Listing(upstream);
    void listing.open({ text: 'one' });
    await upstream.answer(0, finding('A', MOST_LISTED, 'next'));
    expect(listing.more).toBe(false);
  });
});

describe('Choice', () => {
  const listed = (index: number, type?: Entry['type']): ListedEntry => ({
    ...entry(index, type),
    finding: 'F',
    key: `F/${index}`,
  });

  it('chooses all things and no folder, and none where all are chosen', () => {
    const choice = new Choice();
    const entries = [listed(0, 'folder'), listed(1), listed(2)];
    choice.toggle(listed(1));
    choice.toggleAll(entries);
    expect([...choice.keys]).toEqual(['F/1', 'F/2']);
    choice.toggleAll(entries);
    expect(choice.keys.size).toBe(0);
  });

  it('groups by finding, in portions that the server takes', () => {
    const many = Array.from({ length: 501 }, (_, index) => listed(index));
    const other: ListedEntry = { ...listed(3), finding: 'G', key: 'G/3' };
    expect(grouped([...many, other]).map(({ finding, choose }) => [finding, choose.length])).toEqual([
      ['F', 500],
      ['F', 1],
      ['G', 1],
    ]);
  });
});

/** Keeps what was added, and refuses the findings in `bad`. */
class Library {
  items: string[] = [];
  folders: string[] = [];
  bad = new Set<string>();
  stuck = new Set<string>();

  add(finding: string, choose: readonly number[], folderId: string | null): Promise<HttpItem[]> {
    if (this.bad.has(finding)) return Promise.reject(new ApiError('flow_over', 412, ''));
    const added = choose.map((index) => ({ id: `${finding}-${index}`, title: `Thing ${index}`, folderId }) as HttpItem);
    this.items.push(...added.map(({ id }) => id));
    return Promise.resolve(added);
  }

  addDynamic(_finding: string, path: string, title: string) {
    this.folders.push(path);
    return Promise.resolve({ id: path, title } as never);
  }

  removeItem(id: string): Promise<void> {
    if (this.stuck.has(id)) return Promise.reject(new ApiError('not_found', 404, ''));
    this.items = this.items.filter((other) => other !== id);
    return Promise.resolve();
  }

  removeFolder(id: string): Promise<void> {
    this.folders = this.folders.filter((other) => other !== id);
    return Promise.resolve();
  }
}

function listed(id: string, index: number): ListedEntry {
  return { ...entry(index), finding: id, key: `${id}/${index}` };
}

describe('AdditionsStore', () => {
  it('tells what was added for a few seconds', async () => {
    const store = new AdditionsStore(new Library());
    await store.add([listed('A', 0), listed('A', 2)], null);
    expect(store.last).toEqual({ items: ['A-0', 'A-2'], folder: null, title: 'Thing 0' });
    vi.advanceTimersByTime(UNDO_MS);
    expect(store.last).toBeNull();
  });

  it('takes everything back, whatever becomes of one of them', async () => {
    const library = new Library();
    const store = new AdditionsStore(library);
    await store.add(
      [0, 1, 2, 3, 4, 5, 6].map((index) => listed('A', index)),
      null,
    );
    library.stuck.add('A-3');
    await expect(store.undo()).rejects.toThrow(ApiError);
    expect([library.items, store.last]).toEqual([['A-3'], null]);
  });

  it('can take back what was added before a later portion was refused', async () => {
    const library = new Library();
    library.bad.add('B');
    const store = new AdditionsStore(library);
    const added: string[] = [];
    const add = store.add([listed('A', 0), listed('B', 0)], null, (entries) =>
      added.push(...entries.map(({ key }) => key)),
    );
    await expect(add).rejects.toThrow(ApiError);
    expect([added, store.last?.items]).toEqual([['A/0'], ['A-0']]);
    await store.undo();
    expect(library.items).toEqual([]);
  });

  it('takes a live folder back', async () => {
    const library = new Library();
    const store = new AdditionsStore(library);
    await store.addDynamic('A', 'films', 'Films', null);
    await store.undo();
    expect(library.folders).toEqual([]);
  });
});

const PROVIDER = { name: 'direct', title: 'Address', logins: [{}] } as unknown as Provider;

function scene(answer: MediaLogin | null = null) {
  const upstream = new Upstream();
  const library = new Library();
  const asked: string[] = [];
  const added: (readonly string[])[] = [];
  const store = new AddingStore({
    api: upstream,
    additions: new AdditionsStore(library),
    credentials: {
      load: () => Promise.resolve(),
      placeIn: (error) =>
        error instanceof ApiError && error.code === 'upstream_credential'
          ? { provider: PROVIDER, server: 'https://x.example' }
          : null,
      ask: (_provider, server) => {
        asked.push(server);
        return Promise.resolve(answer);
      },
    },
    folder: () => 'list_1',
    onAdded: (ids) => added.push(ids),
  });
  return { upstream, library, asked, added, store };
}

const URL_TEXT = 'https://media.example.org/film.mp4';

describe('AddingStore', () => {
  it('looks at a typed address once nobody types any more', async () => {
    const { store, upstream } = scene();
    store.typed('https://media.example.org/fil');
    vi.advanceTimersByTime(TYPING_MS - 1);
    store.typed(URL_TEXT);
    vi.advanceTimersByTime(TYPING_MS);
    expect(upstream.asked.map(({ look }) => look)).toEqual([{ text: URL_TEXT }]);
  });

  it('does not look at words until it is told to', async () => {
    const { store, upstream } = scene();
    store.typed('BV1xx411c7mD');
    vi.advanceTimersByTime(60_000);
    expect(upstream.asked).toHaveLength(0);
    void store.submit();
    expect(upstream.asked).toHaveLength(1);
  });

  it('adds one thing at once when it is told to before anybody has looked', async () => {
    const { store, upstream, library, added } = scene();
    store.typed(URL_TEXT);
    const done = store.submit();
    await upstream.answer(0, finding('A', 1));
    await done;
    expect([library.items, added, store.text]).toEqual([['A-0'], [['A-0']], '']);
  });

  it('waits for the look that is under way rather than looking twice', async () => {
    const { store, upstream, library } = scene();
    void store.take(URL_TEXT);
    const done = store.submit();
    await upstream.answer(0, finding('A', 1));
    await done;
    expect([upstream.asked.length, library.items]).toEqual([1, ['A-0']]);
  });

  it('shows several things, all chosen, and adds those that stay chosen', async () => {
    const { store, upstream, library } = scene();
    store.typed(URL_TEXT);
    const done = store.submit();
    await upstream.answer(0, finding('A', 3));
    await done;
    expect([library.items, store.chosen.length]).toEqual([[], 3]);
    const [, second] = store.things;
    if (second !== undefined) store.choice.toggle(second);
    await store.submit();
    expect(library.items).toEqual(['A-0', 'A-2']);
  });

  it('says what to do when there is nothing in the box', async () => {
    const { store, upstream } = scene();
    await store.submit();
    expect([store.empty, upstream.asked.length]).toEqual([true, 0]);
  });

  it('keeps what was found when adding it is refused', async () => {
    const { store, upstream, library } = scene();
    library.bad.add('A');
    void store.take(URL_TEXT);
    await upstream.answer(0, finding('A', 1));
    await store.submit();
    expect([store.text, store.things.length, store.error]).toEqual([URL_TEXT, 1, expect.any(ApiError)]);
  });

  it('asks for a sign-in, and goes on by itself after it', async () => {
    const { store, upstream, asked, library } = scene({ id: 'cred_1' } as MediaLogin);
    const done = store.submit.bind(store);
    store.typed(URL_TEXT);
    const submitted = done();
    await upstream.refuse(0, new ApiError('upstream_credential', 502, ''));
    expect(asked).toEqual(['https://x.example']);
    await upstream.answer(1, finding('A', 1));
    await submitted;
    expect(library.items).toEqual(['A-0']);
  });

  it('does not ask again and again for a sign-in that does not help', async () => {
    const { store, upstream, asked } = scene({ id: 'cred_1' } as MediaLogin);
    void store.take(URL_TEXT);
    await upstream.refuse(0, new ApiError('upstream_credential', 502, ''));
    await upstream.refuse(1, new ApiError('upstream_credential', 502, ''));
    expect([asked.length, upstream.asked.length, store.error]).toEqual([1, 2, expect.any(ApiError)]);
  });

  it('opens no form while somebody only types', async () => {
    const { store, upstream, asked } = scene();
    store.typed(URL_TEXT);
    vi.advanceTimersByTime(TYPING_MS);
    await upstream.refuse(0, new ApiError('upstream_credential', 502, ''));
    expect([asked, store.error]).toEqual([[], expect.any(ApiError)]);
  });

  it('keeps what was found when only the space around the text changes', async () => {
    const { store, upstream } = scene();
    void store.take(URL_TEXT);
    await upstream.answer(0, finding('A', 1));
    store.typed(`${URL_TEXT} `);
    expect(store.things).toHaveLength(1);
  });

  it('forgets what was found when the text changes', async () => {
    const { store, upstream } = scene();
    void store.take(URL_TEXT);
    await upstream.answer(0, finding('A', 1));
    store.typed('https://');
    expect([store.things.length, store.chosen.length]).toEqual([0, 0]);
  });
});

describe('isAddress', () => {
  it('knows whole web addresses', () => {
    expect(['https://a.example', 'http://nas:5006/film.mp4', ' https://a.example/x '].map(isAddress)).toEqual([
      true,
      true,
      true,
    ]);
    expect(['https://', 'https://med', 'film.mp4', 'BV1xx', 'ftp://a.example/x'].some(isAddress)).toBe(false);
  });
});

describe('AddressDraft', () => {
  it('leaves out rows in which nothing stands, and finds the row of a problem', () => {
    const draft = new AddressDraft();
    draft.url = ` ${URL_TEXT} `;
    for (const list of ['headers', 'variants', 'variants', 'subtitles'] as const) draft.add(list);
    draft.variants[1] = { label: '720p', url: 'https://b.example/720.mp4' };
    draft.subtitles[0] = { label: 'English', language: '', url: 'https://b.example/en.srt' };
    expect(draft.source()).toEqual({
      url: URL_TEXT,
      variants: [{ label: '720p', url: 'https://b.example/720.mp4' }],
      subtitles: [{ label: 'English', url: 'https://b.example/en.srt' }],
    });
    expect([draft.rowOf('variants', 0), draft.rowOf('variants', 1)]).toEqual([1, -1]);
  });

  it('has no more rows than the server takes', () => {
    const draft = new AddressDraft();
    for (let count = 0; count < 30; count++) draft.add('variants');
    expect(draft.variants).toHaveLength(8);
    draft.headers = [{ name: ' Referer ', value: 'https://a.example' }];
    expect(draft.source()['headers']).toEqual({ Referer: 'https://a.example' });
  });
});
