/** Codes as people type and paste them. */

export const CODE_LENGTH = 6;

/** The digits of a typed or pasted code, of any width, at most six. */
export function digitsIn(typed: string): string {
  return typed.normalize('NFKC').replace(/\D/g, '').slice(0, CODE_LENGTH);
}

/** A base32 secret in groups of four, as it is easiest to read off. */
export function grouped(secret: string): string {
  return (secret.match(/.{1,4}/g) ?? []).join(' ');
}

/** Recovery codes as the text of a file that somebody finds again in years. */
export function recoveryFile(
  lines: { readonly title: string; readonly note: string },
  codes: readonly string[],
): string {
  return [lines.title, lines.note, '', ...codes, ''].join('\n');
}
