import { describe, expect, it } from 'vitest';
import type { Proof } from '../api/accountTypes';
import { ApiError } from '../api/problem';
import { PasskeyError } from '../auth/passkeys';
import type { Method } from '../auth/prover';
import { ProofStore } from './proof.svelte';

function scene(methods: readonly Method[] = ['totp', 'email', 'password', 'passkey']) {
  const seen = { given: [] as Proof[], sent: 0, over: 0, error: null as Error | null };
  const store = new ProofStore({
    methods,
    prover: {
      password: (password) => Promise.resolve({ kind: 'password', password }),
      passkey: () => Promise.reject(new PasskeyError('passkey_cancelled')),
      sendCode: () => Promise.resolve({ flow: `f${++seen.sent}`, expiresIn: 600, resendAfter: 30 }),
    },
    submit: (proof) => {
      seen.given.push(proof);
      return seen.error === null ? Promise.resolve() : Promise.reject(seen.error);
    },
    onOver: () => (seen.over += 1),
  });
  return { store, seen };
}

describe('ProofStore', () => {
  it('begins with the first method and offers the others', () => {
    const { store } = scene();
    expect([store.method, store.others]).toEqual(['totp', ['email', 'password', 'passkey']]);
  });

  it('hands in what was typed', async () => {
    const { store, seen } = scene();
    store.typed = '123456';
    await store.prove();
    expect(seen.given).toEqual([{ kind: 'totp', code: '123456' }]);
  });

  it('sends a code when email is chosen, once, and hands it in with its flow', async () => {
    const { store, seen } = scene();
    await store.choose('email');
    await store.choose('totp');
    await store.choose('email');
    store.typed = '654321';
    await store.prove();
    expect(seen.sent).toBe(1);
    expect(seen.given).toEqual([{ kind: 'email', flow: 'f1', code: '654321' }]);
    expect(store.resend.left).toBe(30);
    store.stop();
  });

  it('empties the field after a wrong code, and keeps a wrong password to be mended', async () => {
    const { store, seen } = scene();
    seen.error = new ApiError('invalid_credentials', 401, '');
    store.typed = '000000';
    await store.prove();
    expect(store.typed).toBe('');
    await store.choose('password');
    store.typed = 'almost';
    await store.prove();
    expect(store.typed).toBe('almost');
    expect(store.task.error).toBe(seen.error);
  });

  it('says over when the second step itself has ended', async () => {
    const { store, seen } = scene();
    seen.error = new ApiError('flow_over', 412, '');
    store.typed = '000000';
    await store.prove();
    expect(seen.over).toBe(1);
  });

  it('asks for another letter when only the code has run out', async () => {
    const { store, seen } = scene(['email']);
    await store.send();
    seen.error = new ApiError('flow_over', 412, '');
    await store.prove();
    expect([store.sent, seen.over]).toEqual([null, 0]);
    store.stop();
  });

  it('shows that the passkey was declined', async () => {
    const { store } = scene();
    await store.choose('passkey');
    expect(store.task.error).toMatchObject({ code: 'passkey_cancelled' });
  });

  it('does one thing at a time', async () => {
    const { store, seen } = scene();
    store.typed = '123456';
    await Promise.all([store.prove(), store.prove()]);
    expect(seen.given).toHaveLength(1);
  });
});
