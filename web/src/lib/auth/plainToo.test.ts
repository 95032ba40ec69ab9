import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/problem';
import type { Passkeys } from './passkeys';
import { Prover } from './prover';

vi.mock('./opaque', () => ({
  beginSignIn: () =>
    Promise.resolve({
      request: 'first message',
      finish: (response: string) => {
        if (response === 'right') return 'last message';
        throw new ApiError('invalid_credentials', 401, '');
      },
    }),
}));

function prover(response: string, plainToo: boolean): Prover {
  const refused = () => Promise.reject(new ApiError('offline', 0, ''));
  const opaque = () => Promise.resolve({ flow: 'f1', response });
  const passkeys = {} as Passkeys;
  return new Prover({ starts: { opaque, passkey: refused, email: refused }, passkeys, opaque: true, plainToo });
}

describe('a password whose OPAQUE proof failed', () => {
  it('is sent where some passwords can be checked in no other way', async () => {
    expect(await prover('wrong', true).password('secret')).toEqual({ kind: 'password', password: 'secret' });
  });

  it('is sent nowhere else', async () => {
    await expect(prover('wrong', false).password('secret')).rejects.toMatchObject({ code: 'invalid_credentials' });
  });
});

describe('a password whose OPAQUE proof succeeded', () => {
  it('is never sent', async () => {
    const proof = { kind: 'opaque', flow: 'f1', finalization: 'last message' };
    expect(await prover('right', true).password('secret')).toEqual(proof);
  });
});
