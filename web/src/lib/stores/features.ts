/** What the server offers. Until it has said, nothing beyond what every server does. */

import type { Features, ServerInfo } from '../api/types';

const UNKNOWN: Features = {
  setupRequired: false,
  guests: true,
  passwordSignIn: true,
  opaque: false,
  plainPasswords: false,
  mail: false,
  emailSignIn: false,
  passkeys: false,
  signUp: { password: false, email: false, passkey: false },
  emailRequired: false,
  closedAccountDays: 30,
  passwordPolicy: { minLength: 8, minClasses: 1, maxRepeats: 0, minScore: 0 },
  providers: [],
};

export function featuresOf(server: ServerInfo | null): Features {
  return { ...UNKNOWN, ...server?.features };
}

/** Whether a newcomer can make an account without anybody's help. */
export function signUpOpen({ signUp, providers }: Features): boolean {
  return signUp.password || signUp.email || signUp.passkey || providers.some((provider) => provider.signUp);
}
