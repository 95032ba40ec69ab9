import { afterEach, describe, expect, it, vi } from 'vitest';
import { Http, NOBODY, type Credential } from './http';

interface Call {
  readonly url: string;
  readonly token: string | null;
  readonly body: string | null;
}

function serve(...answers: (Response | Error)[]): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    const headers = new Headers(init.headers);
    calls.push({ url, token: headers.get('Authorization'), body: init.body as string | null });
    const answer = answers.shift() ?? new Response(null, { status: 204 });
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
  return calls;
}

function problem(status: number, body: object): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/problem+json' } });
}

describe('Http', () => {
  afterEach(() => void vi.unstubAllGlobals());

  it('leaves out what a query does not say', async () => {
    const calls = serve(new Response('{}'));
    await new Http(NOBODY).get('/rooms', { mine: true, query: undefined, cursor: 'a b' });
    expect(calls[0]).toEqual({ url: '/api/v1/rooms?mine=true&cursor=a+b', token: null, body: null });
  });

  it('turns a problem document into an error with its fields', async () => {
    serve(
      problem(400, {
        code: 'invalid_argument',
        detail: 'The name is too long.',
        errors: [{ path: 'name', message: 'Too long.' }],
      }),
    );
    await expect(new Http(NOBODY).post('/rooms', {})).rejects.toMatchObject({
      code: 'invalid_argument',
      status: 400,
      message: 'The name is too long.',
      fields: [{ path: 'name', message: 'Too long.' }],
    });
  });

  it('keeps the status of an answer that is no problem document', async () => {
    serve(new Response('<html>bad gateway</html>', { status: 502 }));
    await expect(new Http(NOBODY).get('/x')).rejects.toMatchObject({ code: 'unavailable', status: 502 });
  });

  it('says offline when there is no answer', async () => {
    serve(new TypeError('failed'));
    await expect(new Http(NOBODY).get('/x')).rejects.toMatchObject({ code: 'offline', status: 0 });
  });

  it('hands out a file as it came', async () => {
    const calls = serve(
      new Response('{"format":"synctv-account"}', { headers: { 'Content-Type': 'application/json' } }),
    );
    const file = await new Http(NOBODY).download('/me/export', 'g1', 1000);
    expect(await file.text()).toBe('{"format":"synctv-account"}');
    expect(calls[0]?.url).toBe('/api/v1/me/export');
  });

  it('takes a file that breaks off for none', async () => {
    const broken = new ReadableStream({ start: (controller) => controller.error(new TypeError('cut')) });
    serve(new Response(broken));
    await expect(new Http(NOBODY).download('/me/export', 'g1', 1000)).rejects.toMatchObject({ code: 'offline' });
  });

  it('says why there is no file', async () => {
    serve(problem(403, { code: 'reauthentication_required', detail: '' }));
    const asked = new Http(NOBODY).download('/me/export', 'g1', 1000);
    await expect(asked).rejects.toMatchObject({ code: 'reauthentication_required' });
  });

  it('renews a token that the server no longer takes, once', async () => {
    const calls = serve(problem(401, { code: 'token_expired' }), new Response('{"ok":true}'));
    let token = 'old';
    const credential: Credential = {
      token: () => Promise.resolve(token),
      renew: () => {
        token = 'new';
        return Promise.resolve(true);
      },
    };
    expect(await new Http(credential).get('/me')).toEqual({ ok: true });
    expect(calls.map((call) => call.token)).toEqual(['Bearer old', 'Bearer new']);
  });

  it('hands the refusal on when there is no new token', async () => {
    serve(problem(401, { code: 'unauthenticated' }));
    const credential: Credential = { token: () => Promise.resolve('old'), renew: () => Promise.resolve(false) };
    await expect(new Http(credential).get('/me')).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('hands a wrong proof in once: a second time would count as another guess', async () => {
    const calls = serve(problem(401, { code: 'invalid_credentials' }));
    let renewed = false;
    const credential: Credential = {
      token: () => Promise.resolve('good'),
      renew: () => Promise.resolve((renewed = true)),
    };
    await expect(new Http(credential).post('/auth/grants', {})).rejects.toMatchObject({ code: 'invalid_credentials' });
    expect([calls.length, renewed]).toEqual([1, false]);
  });

  it('carries a grant', async () => {
    let grant: string | null = null;
    vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
      grant = new Headers(init.headers).get('X-Grant');
      return Promise.resolve(new Response(null, { status: 204 }));
    });
    await new Http(NOBODY).delete('/me/password', 'once');
    expect(grant).toBe('once');
  });

  it('says offline when the answer breaks off', async () => {
    serve(new Response('{"half'));
    await expect(new Http(NOBODY).get('/x')).rejects.toMatchObject({ code: 'offline' });
  });
});
