import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/problem';
import type { Passkeys } from './passkeys';
import { methodsIn, Prover, type ProofStarts } from './prover';

const passkeys = { ask: () => Promise.resolve({ id: 'credential' }) } as unknown as Passkeys;

function starts(change: Partial<ProofStarts> = {}): ProofStarts {
  const refused = () => Promise.reject(new ApiError('offline', 0, ''));
  return { opaque: refused, passkey: refused, email: refused, ...change };
}

describe('Prover', () => {
  it('sends a password only where OPAQUE is not to be had, and then with the name it belongs to', async () => {
    const named = new Prover({ starts: starts(), passkeys, opaque: false, plainToo: false, username: 'mia' });
    expect(await named.password('secret')).toEqual({ kind: 'password', username: 'mia', password: 'secret' });
    const known = new Prover({ starts: starts(), passkeys, opaque: false, plainToo: false });
    expect(await known.password('secret')).toEqual({ kind: 'password', password: 'secret' });
  });

  it('never sends the password after OPAQUE failed', async () => {
    const seen: string[] = [];
    const failing = starts({
      opaque: (request) => {
        seen.push(request);
        return Promise.reject(new ApiError('unavailable', 503, ''));
      },
    });
    const prover = new Prover({ starts: failing, passkeys, opaque: true, plainToo: false, username: 'mia' });
    await expect(prover.password('Korrekt Pferd')).rejects.toMatchObject({ code: 'unavailable' });
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toContain('Korrekt');
  });

  it('answers the question for a passkey with its flow', async () => {
    const question = { flow: 'f1', options: { challenge: 'abc' } };
    const prover = new Prover({
      starts: starts({ passkey: () => Promise.resolve(question) }),
      passkeys,
      opaque: true,
      plainToo: false,
    });
    expect(await prover.passkey()).toEqual({ kind: 'passkey', flow: 'f1', credential: { id: 'credential' } });
  });
});

describe('methodsIn', () => {
  it('offers the app first, and a recovery code last instead of it', () => {
    const all = methodsIn(['password', 'passkey', 'email', 'totp', 'oauth'], { passkeys: true });
    expect(all).toEqual(['totp', 'passkey', 'email', 'password', 'recovery']);
  });
  it('offers no passkey where the browser has none, and no code without the app', () => {
    expect(methodsIn(['passkey', 'password'], { passkeys: false })).toEqual(['password']);
  });
});
