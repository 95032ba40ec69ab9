import { describe, expect, it } from 'vitest';
import { guestsMayChat, rightsOf, withConversation } from './permissions';
import { qualityOf } from './quality';

describe('rightsOf', () => {
  it('gives what is permitted and nothing else', () => {
    const rights = rightsOf({ role: 'guest', permissions: new Set(['send_chat_messages', 'control_playback_state']) });
    expect(rights).toMatchObject({ control: true, writeChat: true, navigate: false, addMedia: false, settings: false });
  });
});

describe('withConversation', () => {
  it('grants and takes back the conversation without touching anything else', () => {
    const granted = withConversation(['use_voice_chat'], true);
    expect(guestsMayChat(granted)).toBe(true);
    expect(withConversation(granted, false)).toEqual(['use_voice_chat']);
    expect(withConversation(granted, true)).toHaveLength(granted.length);
  });
});

describe('qualityOf', () => {
  const open = { kind: 'open' } as const;
  it.each([
    [0.039, 'good'],
    [-0.1, 'fair'],
    [0.3, 'bad'],
    [null, 'good'],
  ])('judges a drift of %s', (drift, tone) => {
    expect(qualityOf(open, drift, true, true)).toEqual({ tone, word: 'connected' });
  });
  it('tells a first connection from a return, and both from the end', () => {
    expect(qualityOf({ kind: 'connecting' }, null, false, false).word).toBe('connecting');
    expect(qualityOf({ kind: 'waiting', retryIn: 1 }, 0, true, true).word).toBe('reconnecting');
    expect(qualityOf({ kind: 'closed', reason: { code: 'kicked', message: '' } }, 0, true, true).word).toBe('offline');
    expect(qualityOf(open, null, false, false).word).toBe('measuring');
  });
});
