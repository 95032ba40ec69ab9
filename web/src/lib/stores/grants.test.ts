import { describe, expect, it } from 'vitest';
import type { Factor, Proof } from '../api/accountTypes';
import { ApiError } from '../api/problem';
import { Cancelled } from '../auth/cancelled';
import type { Errand } from '../auth/errand';
import type { Passkeys } from '../auth/passkeys';
import { featuresOf } from './features';
import { GrantsStore } from './grants.svelte';

const LINKED = { id: 'idn_1', provider: 'hub', providerName: 'Hub', shown: 'mia', linkedAt: '', usedAt: null };

function scene(methods: readonly Factor[] = ['password', 'totp']) {
  const seen = { proofs: [] as Proof[], errand: null as Errand | null, left: '' };
  const refused = () => Promise.reject(new ApiError('offline', 0, ''));
  const grants = new GrantsStore({
    credential: { token: () => Promise.resolve('token'), renew: () => Promise.resolve(true) },
    passkeys: { possible: true } as Passkeys,
    auth: { startOAuth: (slug, purpose) => Promise.resolve({ url: `https://hub.example/${slug}/${purpose}` }) },
    errands: { remember: (errand) => (seen.errand = errand) },
    features: () => featuresOf(null),
    security: () => Promise.resolve({ methods, identities: methods.includes('oauth') ? [LINKED, LINKED] : [] }),
    proofs: {
      opaque: refused,
      passkey: refused,
      email: refused,
      grant: (proof) => {
        seen.proofs.push(proof);
        return Promise.resolve({ grant: `g${seen.proofs.length}`, expiresIn: 300 });
      },
    },
    leave: (url) => (seen.left = url),
    here: () => '/account/ways',
  });
  const asked = () => settled(() => grants.question !== null);
  return { grants, seen, asked };
}

/** Lets everything that is under way go on until the condition holds. */
async function settled(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 50 && !condition(); turn += 1) await Promise.resolve();
}

async function answer(grants: GrantsStore, typed: string): Promise<void> {
  const proof = grants.question?.proof;
  if (proof == null) throw new Error('There is no question.');
  proof.typed = typed;
  await proof.prove();
}

describe('GrantsStore', () => {
  it('asks, and goes on by itself with the grant', async () => {
    const { grants, seen, asked } = scene();
    const done = grants.with('email', (grant) => Promise.resolve(`did it with ${grant}`));
    await asked();
    expect(grants.question).toMatchObject({ purpose: 'email', vouchers: [] });
    await answer(grants, '123456');
    expect(await done).toBe('did it with g1');
    expect(seen.proofs).toEqual([{ kind: 'totp', code: '123456' }]);
    expect(grants.question).toBeNull();
  });

  it('remembers nothing: the next thing is asked for anew', async () => {
    const { grants, asked } = scene();
    const first = grants.with('email', (grant) => Promise.resolve(grant));
    await asked();
    await answer(grants, '123456');
    await first;
    const second = grants.with('email', (grant) => Promise.resolve(grant));
    await asked();
    await answer(grants, '234567');
    expect(await second).toBe('g2');
  });

  it('does nothing when the person closes the question', async () => {
    const { grants, asked } = scene();
    let did = false;
    const done = grants.with('unlink', () => Promise.resolve((did = true)));
    await asked();
    grants.cancel();
    await expect(done).rejects.toBeInstanceOf(Cancelled);
    expect([did, grants.question]).toEqual([false, null]);
  });

  it('offers no recovery code, and nothing of a kind that will not do', async () => {
    const { grants, asked } = scene();
    grants.with('twoFactorOn', () => Promise.resolve(), ['password']).catch(() => undefined);
    await asked();
    expect(grants.question?.proof?.methods).toEqual(['totp']);
    grants.cancel();
  });

  it('says so when there is nothing to confirm with', async () => {
    const { grants, asked } = scene([]);
    grants.with('link', () => Promise.resolve()).catch(() => undefined);
    await asked();
    expect(grants.question).toMatchObject({ proof: null, vouchers: [] });
    grants.cancel();
  });

  it('leaves for a server that vouches, and comes back to the same place', async () => {
    const { grants, seen, asked } = scene(['oauth']);
    grants.with('password', () => Promise.resolve()).catch(() => undefined);
    await asked();
    expect(grants.question?.vouchers).toEqual([{ slug: 'hub', name: 'Hub' }]);
    await grants.visit({ slug: 'hub', name: 'Hub' });
    expect(seen.errand).toEqual({ purpose: 'grant', next: '/account/ways' });
    expect(seen.left).toBe('https://hub.example/hub/grant');
    grants.cancel();
  });

  it('uses a grant from there once', async () => {
    const { grants, asked } = scene();
    grants.keep({ grant: 'fetched', expiresIn: 300 });
    expect(grants.waiting).toBe(true);
    expect(await grants.with('password', (grant) => Promise.resolve(grant))).toBe('fetched');
    expect(grants.waiting).toBe(false);
    grants.with('password', (grant) => Promise.resolve(grant)).catch(() => undefined);
    await asked();
    expect(grants.question).not.toBeNull();
    grants.cancel();
  });

  it('asks when the grant from there has run out meanwhile', async () => {
    const { grants, asked } = scene();
    grants.keep({ grant: 'stale', expiresIn: 300 });
    const tried: string[] = [];
    const done = grants.with('password', (grant) => {
      tried.push(grant);
      return grant === 'stale'
        ? Promise.reject(new ApiError('reauthentication_required', 403, ''))
        : Promise.resolve('done');
    });
    await asked();
    await answer(grants, '123456');
    expect(await done).toBe('done');
    expect(tried).toEqual(['stale', 'g1']);
  });
});
