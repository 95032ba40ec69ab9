import { ready, server } from '@serenity-kit/opaque';
import { beforeAll, describe, expect, it } from 'vitest';
import { beginRegistration, beginSignIn } from './opaque';

const USER = 'usr_01jc';

/** A record of “Korrekt Pferd” from the first release, and the key of the server that keeps it. */
const KEPT_SETUP =
  'rsoMTrB3GZ6UXSCsFZFwnMZP0oHv5KCvReHxyUQpIc6MoIlj1wNTftZnKmwR6in1rHMEReHg8G2VY_w7cUZgEXQhM-U4fiLcXTm6' +
  'jVe-OfXaBFaTTZX-dqZBCTK3-mMGNurah11toGfo1-fdxZYvB6qgZ0m0QZrnnjSW2De1aWQ';
const KEPT_RECORD =
  'rlbVtYzxoDVlbBJjhfF0swr6scll5eItsWCmUaM4oRHI5WAyljP3xDEPdx_8npAOg5MumpXgyXXEi669sJQXk0sTfsrDnAdEUZQP' +
  'yzfiNWiOdzB0UREWxYyvYy9gK9bYXSlDQx55lS5SVHqws_07WFzFaK-G9XfaLYNSNjaI4kwaFm63WO-FJLxqZZdegu0QlK4PGjf6' +
  'DzS1q4goP4ROZxQWBLplFD3N_CaDd_DwwGDclvpwNrx-24wmaomT6HEm';

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

async function signIn(
  registrationRecord: string | null,
  password: string,
  setup: string = serverSetup,
): Promise<string> {
  const { request, finish } = await beginSignIn(password);
  const { serverLoginState, loginResponse } = server.startLogin({
    serverSetup: setup,
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

  it('still signs in with what was registered long ago', async () => {
    expect(await signIn(KEPT_RECORD, 'Korrekt Pferd', KEPT_SETUP)).not.toBe('');
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
