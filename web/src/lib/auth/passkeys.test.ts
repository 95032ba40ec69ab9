import { describe, expect, it } from 'vitest';
import { isQuiet, Cancelled } from './cancelled';
import { PasskeyError, Passkeys, type PasskeyBrowser } from './passkeys';

const QUESTION = { challenge: 'abc' };
const OFFER = {} as Parameters<Passkeys['make']>[0];

function browserThat(change: Partial<PasskeyBrowser>): Passkeys {
  const refused = () => Promise.reject(new Error('not expected'));
  return new Passkeys({
    supported: () => true,
    supportsAutofill: () => Promise.resolve(true),
    ask: refused,
    make: refused,
    cancel: () => undefined,
    ...change,
  });
}

function named(name: string): Error {
  const error = new Error('words of a browser');
  error.name = name;
  return error;
}

describe('Passkeys', () => {
  it.each([
    ['NotAllowedError', 'passkey_cancelled'],
    ['InvalidStateError', 'passkey_exists'],
    ['SecurityError', 'passkey_address'],
    ['NotSupportedError', 'passkey_unsupported'],
    ['ConstraintError', 'passkey_unsupported'],
    ['AbortError', 'passkey_superseded'],
    ['UnknownError', 'passkey_failed'],
  ])('says what %s means', async (name, code) => {
    const passkeys = browserThat({ make: () => Promise.reject(named(name)) });
    await expect(passkeys.make(OFFER)).rejects.toMatchObject({ code });
  });

  it('asks nothing of a browser that can’t', async () => {
    const passkeys = browserThat({ supported: () => false });
    await expect(passkeys.ask(QUESTION)).rejects.toMatchObject({ code: 'passkey_unsupported' });
  });

  it('waits in the field only when told so', async () => {
    const asked: (boolean | undefined)[] = [];
    const passkeys = browserThat({
      ask: ({ useBrowserAutofill }) => {
        asked.push(useBrowserAutofill);
        return Promise.resolve({} as never);
      },
    });
    await passkeys.ask(QUESTION);
    await passkeys.askByAutofill(QUESTION);
    expect(asked).toEqual([undefined, true]);
  });
});

describe('isQuiet', () => {
  it('tells ends that nobody has to hear of from errors', () => {
    expect([new Cancelled(), new PasskeyError('passkey_superseded')].every(isQuiet)).toBe(true);
    expect([new PasskeyError('passkey_cancelled'), new Error(), null].some(isQuiet)).toBe(false);
  });
});
