/** A plain address with what can be said beside it, as somebody fills it in. */

export interface HeaderRow {
  name: string;
  value: string;
}
export interface VariantRow {
  label: string;
  url: string;
}
export interface SubtitleRow {
  label: string;
  language: string;
  url: string;
}

/** As many as the server takes. */
export const MOST_ROWS = { headers: 16, variants: 8, subtitles: 16 } as const;
export type RowList = keyof typeof MOST_ROWS;

export class AddressDraft {
  url = $state('');
  headers = $state<HeaderRow[]>([]);
  variants = $state<VariantRow[]>([]);
  subtitles = $state<SubtitleRow[]>([]);

  add(list: RowList): void {
    if (this[list].length >= MOST_ROWS[list]) return;
    if (list === 'headers') this.headers.push({ name: '', value: '' });
    else if (list === 'variants') this.variants.push({ label: '', url: '' });
    else this.subtitles.push({ label: '', language: '', url: '' });
  }

  remove(list: RowList, index: number): void {
    this[list].splice(index, 1);
  }

  clear(): void {
    this.url = '';
    this.headers = [];
    this.variants = [];
    this.subtitles = [];
  }

  /** The source as the provider of plain addresses reads it. Rows in which nothing stands are left out. */
  source(): Readonly<Record<string, unknown>> {
    const headers = this.headers.map(trimmed).filter(said);
    const variants = this.variants.map(trimmed).filter(said);
    const subtitles = this.subtitles.map(trimmed).filter(said);
    return {
      url: this.url.trim(),
      ...(headers.length > 0 && { headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])) }),
      ...(variants.length > 0 && { variants }),
      ...(subtitles.length > 0 && {
        subtitles: subtitles.map(({ language, ...rest }) => (language === '' ? rest : { ...rest, language })),
      }),
    };
  }

  /** The row that a problem of the server is about: it counts without those that were left out. */
  rowOf(list: Exclude<RowList, 'headers'>, sent: number): number {
    const kept = this[list].flatMap((row, index) => (said(trimmed(row)) ? [index] : []));
    return kept[sent] ?? -1;
  }
}

function trimmed<Row extends object>(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value).trim()])) as Row;
}

function said(row: object): boolean {
  return Object.values(row).some((value) => value !== '');
}
