import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { commentsIn, answerOf, fetchText } from './media';

let close: () => void = () => undefined;
afterEach(() => {
  close();
  vi.unstubAllGlobals();
});

async function site(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe('commentsIn', () => {
  it('keeps what is a comment, by time', () => {
    const text = JSON.stringify({
      comments: [
        { time: 3, mode: 'top', color: 0xff0000, text: ' two\n lines ' },
        { time: 1, mode: 'sideways', color: -4, text: 'hi' },
        { time: 'soon', mode: 'top', color: 1, text: 'x' },
        { time: 2, mode: 'top', color: 1, text: '  ' },
        null,
      ],
    });
    expect(commentsIn(text)).toEqual([
      { time: 1, mode: 'scroll', color: 0xffffff, text: 'hi' },
      { time: 3, mode: 'top', color: 0xff0000, text: 'two lines' },
    ]);
  });
  it('is bounded in number and in length', () => {
    const comments = Array.from({ length: 30_010 }, (_, time) => ({
      time,
      mode: 'scroll',
      color: 0,
      text: 'x'.repeat(900),
    }));
    const kept = commentsIn(JSON.stringify({ comments }));
    expect([kept.length, kept[0]?.text.length]).toEqual([30_000, 200]);
  });
  it('refuses what is no JSON, and finds nothing in JSON of another shape', () => {
    expect(() => commentsIn('<html>')).toThrow();
    expect(commentsIn('{"comments": {}}')).toEqual([]);
  });
});

describe('fetchText', () => {
  it('reads a text', async () => {
    const url = await site((_, response) => response.end('WEBVTT\n\nzwölf'));
    expect(await fetchText(url)).toBe('WEBVTT\n\nzwölf');
  });
  it('tells the error of an answer', async () => {
    const url = await site((_, response) => response.writeHead(404).end());
    await expect(fetchText(url)).rejects.toMatchObject({ status: 404 });
  });
  it('gives up on a text that has no end', async () => {
    const url = await site((_, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(1 << 20)));
      };
      response.on('drain', more);
      more();
    });
    await expect(fetchText(url)).rejects.toMatchObject({ code: 'too_large' });
  });
});

describe('answerOf', () => {
  const detail = 'films.example failed: it was asked too often.';
  const problem = JSON.stringify({ code: 'upstream_rate_limited', detail, retryAfter: 40 });

  /** The answer of an address on the page's own server, or on another one. */
  async function answerAt(answer: RequestListener, { ours }: { ours: boolean }) {
    const url = await site(answer);
    vi.stubGlobal('location', { origin: ours ? new URL(url).origin : 'http://page.example' });
    return answerOf(url);
  }

  it('asks for one byte, and does not wait for the rest', async () => {
    const asked: (string | undefined)[] = [];
    const found = await answerAt(
      (request, response) => {
        asked.push(request.headers.range);
        response.writeHead(200).write('…');
      },
      { ours: true },
    );
    expect([found, asked]).toEqual([{ status: 200, refusal: null }, ['bytes=0-0']]);
  });
  it('reads why this server refuses', async () => {
    const found = await answerAt(
      (_, response) => response.writeHead(502, { 'Content-Type': 'application/problem+json' }).end(problem),
      { ours: true },
    );
    expect(found).toMatchObject({
      status: 502,
      refusal: { code: 'upstream_rate_limited', message: detail, retryAfter: 40 },
    });
  });
  it('takes no sentence from a server of others, nor from what is no problem', async () => {
    const told: RequestListener = (_, response) =>
      response.writeHead(403, { 'Content-Type': 'application/problem+json' }).end(problem);
    const page: RequestListener = (_, response) => response.writeHead(502, { 'Content-Type': 'text/html' }).end('<p>');
    expect(await answerAt(told, { ours: false })).toEqual({ status: 403, refusal: null });
    close();
    expect(await answerAt(page, { ours: true })).toEqual({ status: 502, refusal: null });
  });
  it('is null where nobody answers', async () => {
    expect(await answerAt((request) => request.socket.destroy(), { ours: true })).toBeNull();
  });
});
