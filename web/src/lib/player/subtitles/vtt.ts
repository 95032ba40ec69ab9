/** WebVTT as far as a page shows it: cues with bold, italic and underlined text, at the bottom or elsewhere. */

export interface Span {
  readonly text: string;
  readonly bold: boolean;
  readonly italic: boolean;
  readonly underlined: boolean;
}

export interface Cue {
  /** Seconds. */
  readonly start: number;
  readonly end: number;
  /** Lines of spans. */
  readonly lines: readonly (readonly Span[])[];
  /** Share of the height from the top at which it stands; null is the usual place, at the bottom. */
  readonly top: number | null;
  readonly align: 'start' | 'center' | 'end';
}

const MOST_CUES = 50_000;
const LONGEST_CUE = 2000;
const MOST_LINES = 8;
/** How many lines of text a picture is taken to hold, for positions that are given in lines. */
const LINES_OF_PICTURE = 15;

/** The cues of a file, by their start. What is none is left out, as browsers do. */
export function cuesIn(text: string): readonly Cue[] {
  const cues: Cue[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  for (let at = 0; at < lines.length && cues.length < MOST_CUES; at += 1) {
    const timing = timingIn(lines[at] ?? '');
    if (timing === null) continue;
    const body: string[] = [];
    while (at + 1 < lines.length && lines[at + 1] !== '' && !(lines[at + 1] ?? '').includes('-->')) {
      body.push(lines[(at += 1)] ?? '');
    }
    const cue = cueOf(timing, body.join('\n').slice(0, LONGEST_CUE));
    if (cue !== null) cues.push(cue);
  }
  return cues.sort((a, b) => a.start - b.start);
}

/** Seconds, and what follows the times in a file. */
export interface Timing {
  readonly start: number;
  readonly end: number;
  readonly settings: string;
}

const TIMING = /^\s*((?:\d+:)?\d{2}:\d{2}\.\d{3})\s+-->\s+((?:\d+:)?\d{2}:\d{2}\.\d{3})(.*)$/;

function timingIn(line: string): Timing | null {
  if (!line.includes('-->')) return null;
  const [, start = '', end = '', settings = ''] = TIMING.exec(line) ?? [];
  const timing = { start: secondsOf(start), end: secondsOf(end), settings };
  return timing.end > timing.start ? timing : null;
}

function secondsOf(time: string): number {
  return time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** Null for a cue without any text. */
export function cueOf({ start, end, settings }: Timing, text: string): Cue | null {
  const lines = linesIn(text);
  if (lines.length === 0) return null;
  return { start, end, lines, top: topIn(settings), align: alignIn(settings) };
}

/** `line:` is a percentage, or a number of lines; negative ones count from the bottom, which is where cues are anyway. */
function topIn(settings: string): number | null {
  const [, value = '', unit] = /\bline:(-?\d+(?:\.\d+)?)(%?)/.exec(settings) ?? [];
  if (value === '') return null;
  const share = unit === '%' ? Number(value) / 100 : Number(value) / LINES_OF_PICTURE;
  return share < 0 || share > 0.7 ? null : share;
}

function alignIn(settings: string): Cue['align'] {
  const [, value] = /\balign:(\w+)/.exec(settings) ?? [];
  if (value === 'start' || value === 'left') return 'start';
  return value === 'end' || value === 'right' ? 'end' : 'center';
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&nbsp;': '\u00A0',
  '&lrm;': '\u200E',
  '&rlm;': '\u200F',
};

/** Tags other than b, i and u mean nothing here, and are left out; so are the spoken words of a karaoke's times. */
function linesIn(text: string): readonly (readonly Span[])[] {
  const depth = { b: 0, i: 0, u: 0 };
  const lines: Span[][] = [[]];
  for (const [part] of text.matchAll(/<\/?[^<>]*>|[^<\n]+|\n|</g)) {
    if (part === '\n') lines.push([]);
    else if (part.length > 1 && part.startsWith('<')) turn(depth, part);
    else lines.at(-1)?.push({ text: decoded(part), bold: depth.b > 0, italic: depth.i > 0, underlined: depth.u > 0 });
  }
  return lines.filter((spans) => spans.some((span) => span.text.trim() !== '')).slice(0, MOST_LINES);
}

function turn(depth: { b: number; i: number; u: number }, tag: string): void {
  const [, closing, name] = /^<(\/?)([biu])(?=[\s.>])/.exec(tag) ?? [];
  if (name !== 'b' && name !== 'i' && name !== 'u') return;
  depth[name] = Math.max(0, depth[name] + (closing === '/' ? -1 : 1));
}

function decoded(text: string): string {
  return text.replace(/&\w+;/g, (entity) => ENTITIES[entity] ?? entity);
}
