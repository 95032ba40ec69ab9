import { ready, server } from '@serenity-kit/opaque';
import { beforeAll, describe, expect, it } from 'vitest';
import { beginRegistration, beginSignIn } from './opaque';

const USER = 'usr_01jc';
let serverSetup = '';

async function registered(password: string): Promise<string> {
  const { request, finish } = await beginRegistration(password);
  const { registrationResponse } = server.createRegistrationResponse({
    serverSetup,
    userIdentifier: USER,
    registrationRequest: request,
  });
  return finish(registrationResponse);
}

async function signIn(registrationRecord: string | null, password: string): Promise<string> {
  const { request, finish } = await beginSignIn(password);
  const { serverLoginState, loginResponse } = server.startLogin({
    serverSetup,
    userIdentifier: USER,
    registrationRecord,
    startLoginRequest: request,
  });
  return server.finishLogin({ serverLoginState, finishLoginRequest: finish(loginResponse) }).sessionKey;
}

describe('OPAQUE', () => {
  beforeAll(async () => {
    await ready;
    serverSetup = server.createSetup();
  });

  it('signs in with the password that was registered', async () => {
    expect(await signIn(await registered('Korrekt Pferd'), 'Korrekt Pferd')).not.toBe('');
  });

  it('calls a wrong password a wrong proof, as the server would', async () => {
    const record = await registered('Korrekt Pferd');
    await expect(signIn(record, 'korrekt pferd')).rejects.toMatchObject({ code: 'invalid_credentials', status: 401 });
  });

  it('tells a name that nobody has from a wrong password in nothing', async () => {
    await expect(signIn(null, 'Korrekt Pferd')).rejects.toMatchObject({ code: 'invalid_credentials', status: 401 });
  });

  it('takes a password however the keyboard composes it', async () => {
    expect(await signIn(await registered('Caf\u00e9 au lait'), 'Cafe\u0301 au lait')).not.toBe('');
  });

  it('speaks unpadded base64url', async () => {
    const { request } = await beginRegistration('Korrekt Pferd');
    expect(request).toMatch(/^[\w-]+$/);
    expect(Buffer.from(request, 'base64url')).toHaveLength(32);
    expect(Buffer.from(await registered('Korrekt Pferd'), 'base64url')).toHaveLength(192);
  });
});
