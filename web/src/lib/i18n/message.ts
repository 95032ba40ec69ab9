/** Fills a text of a catalogue with values. */

export type Values = Readonly<Record<string, string | number>>;

/**
 * Replaces `{name}` by its value, numbers in the manner of the locale, and chooses `{n|one|many}` by the plural category
 * of `n`; a form may itself use `{n}`. A language without plurals writes only one form.
 */
export function fill(text: string, values: Values, locale: string): string {
  const shown = (name: string) => {
    const value = values[name];
    return typeof value === 'number' ? new Intl.NumberFormat(locale).format(value) : (value ?? '');
  };
  const chosen = text.replace(/\{(\w+)\|((?:[^{}]|\{\w+\})*)\}/g, (_, name: string, forms: string) => {
    const [one = '', many = one] = forms.split('|');
    return new Intl.PluralRules(locale).select(Number(values[name])) === 'one' ? one : many;
  });
  return chosen.replace(/\{(\w+)\}/g, (_, name: string) => shown(name));
}

/**
 * What `texts` have for a sentence; null where they do not know it. Their keys are sentences with `{names}` where something
 * else stands each time, which a text may repeat.
 */
export function rephrased(sentence: string, texts: Readonly<Record<string, string>>): string | null {
  for (const [key, text] of Object.entries(texts)) {
    const found = patternOf(key).exec(sentence);
    if (found !== null) return text.replace(/\{(\w+)\}/g, (_, name: string) => found.groups?.[name] ?? '');
  }
  return null;
}

function patternOf(key: string): RegExp {
  const parts = key.split(/\{(\w+)\}/);
  const source = parts.map((part, index) => (index % 2 === 1 ? `(?<${part}>.*?)` : escaped(part)));
  return new RegExp(`^${source.join('')}$`, 's');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
