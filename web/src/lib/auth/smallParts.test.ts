import { describe, expect, it } from 'vitest';
import { digitsIn, grouped, recoveryFile } from './codes';
import { Errands } from './errand';
import { qrCode } from './qr';

describe('codes', () => {
  it.each([
    ['123 456', '123456'],
    ['１２３４５６', '123456'],
    ['Your code: 12-34-56', '123456'],
    ['12345678', '123456'],
    ['abc', ''],
  ])('finds the digits in %j', (typed, digits) => {
    expect(digitsIn(typed)).toBe(digits);
  });

  it('writes a secret in groups', () => {
    expect(grouped('JBSWY3DPEHPK3PXPA')).toBe('JBSW Y3DP EHPK 3PXP A');
  });

  it('writes a file that says what it is', () => {
    expect(recoveryFile({ title: 'Codes of mia', note: 'Each works once.' }, ['a-1', 'b-2'])).toBe(
      'Codes of mia\nEach works once.\n\na-1\nb-2\n',
    );
  });
});

describe('qrCode', () => {
  it('draws every dark module once, and nothing in the quiet zone', async () => {
    const { size, path } = await qrCode('otpauth://totp/SyncTV:mia?secret=JBSWY3DPEHPK3PXP&issuer=SyncTV');
    const runs = [...path.matchAll(/M(\d+) (\d+)h(\d+)v1h-(\d+)z/g)].map((run) => run.slice(1).map(Number));
    expect(path.replace(/M\d+ \d+h\d+v1h-\d+z/g, '')).toBe('');
    const dark = runs.flatMap(([x = 0, y = 0, width = 0]) =>
      Array.from({ length: width }, (_, step) => `${x + step},${y}`),
    );
    expect(new Set(dark).size).toBe(dark.length);
    // The corner of the first finder pattern: seven dark modules, inside one light one.
    expect(runs[0]?.slice(0, 3)).toEqual([1, 1, 7]);
    expect(runs.every(([x = 0, y = 0, width = 0]) => x >= 1 && y >= 1 && x + width < size && y < size - 1)).toBe(true);
  });
});

function drawer() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

describe('Errands', () => {
  it('are taken once', () => {
    const errands = new Errands(() => keeper);
    const keeper = drawer();
    errands.remember({ purpose: 'link', next: '/account/linked' });
    expect(errands.take()).toEqual({ purpose: 'link', next: '/account/linked' });
    expect(errands.take()).toBeNull();
  });

  it.each([
    '{"purpose":"signIn","next":"https://evil.example"}',
    '{"purpose":"signIn","next":"//evil.example"}',
    '{"purpose":"steal","next":"/"}',
    '{"purpose":"signIn"}',
    'nonsense',
  ])('do not lead anywhere else: %s', (text) => {
    const keeper = drawer();
    keeper.setItem('synctv.errand', text);
    expect(new Errands(() => keeper).take()).toBeNull();
  });

  it('do without storage', () => {
    const errands = new Errands(() => {
      throw new DOMException('denied');
    });
    errands.remember({ purpose: 'signIn', next: '/' });
    expect(errands.take()).toBeNull();
  });
});
