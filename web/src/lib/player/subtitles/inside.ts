/** Subtitles that lie inside a stream: an engine hands them over, or the browser puts them into a track of the element. */

import { CueTrack } from './track';
import { cueOf, type Cue } from './vtt';

/** What is said at a time, seconds. */
export interface Cues {
  at(time: number): readonly Cue[];
}

/** What of a media element is looked at. */
export interface TextTrackHolder {
  readonly textTracks: ArrayLike<Pick<TextTrack, 'kind' | 'mode' | 'cues'>>;
}

/** More than this many cues that began before the present ones are not looked through for one that still lasts. */
const LOOK_BACK = 50;
const MOST_AT_ONCE = 4;
const MOST_GATHERED = 50_000;
const LONGEST_TTML = 2000;

/** Those of the one text track of an element that is hidden, which means: loaded, and not drawn by the browser. */
export class InsideCues implements Cues {
  readonly #element: TextTrackHolder;
  readonly #known = new WeakMap<TextTrackCue, Cue | null>();

  constructor(element: TextTrackHolder) {
    this.#element = element;
  }

  /** The cues at `time` seconds, in the order in which they began. */
  at(time: number): readonly Cue[] {
    const cues = this.#cues();
    if (cues === null) return [];
    const found: Cue[] = [];
    const begun = begunAt(cues, time);
    for (let i = begun - 1; i >= Math.max(0, begun - LOOK_BACK) && found.length < MOST_AT_ONCE; i -= 1) {
      const cue = cues[i];
      const shown = cue !== undefined && cue.endTime > time ? this.#convert(cue) : null;
      if (shown !== null) found.unshift(shown);
    }
    return found;
  }

  #cues(): TextTrackCueList | null {
    const { textTracks } = this.#element;
    for (let i = 0; i < textTracks.length; i += 1) {
      const track = textTracks[i];
      if (track !== undefined && isText(track.kind) && track.mode === 'hidden') return track.cues;
    }
    return null;
  }

  /** The same cue is the same value each time. */
  #convert(cue: TextTrackCue): Cue | null {
    let shown = this.#known.get(cue);
    if (shown === undefined) this.#known.set(cue, (shown = shownCue(cue)));
    return shown;
  }
}

/** Cues that an engine hands over by and by, each maybe more than once: the segments of a stream overlap. */
export class GatheredCues implements Cues {
  readonly #known = new Map<string, Cue>();
  #track: CueTrack | null = null;

  add(cues: readonly TextTrackCue[]): void {
    for (const cue of cues) {
      const shown = this.#known.size < MOST_GATHERED ? shownCue(cue) : null;
      if (shown !== null) this.#known.set(`${cue.startTime} ${cue.endTime} ${(cue as VTTCue).text}`, shown);
    }
    this.#track = null;
  }

  at(time: number): readonly Cue[] {
    this.#track ??= new CueTrack([...this.#known.values()].sort((a, b) => a.start - b.start));
    return this.#track.at(time);
  }
}

/** TTML as dash.js hands it over: a tree of what is seen at that time. */
interface TtmlNode {
  readonly kind?: string;
  readonly text?: string;
  readonly contents?: readonly TtmlNode[];
}

function shownCue(cue: TextTrackCue): Cue | null {
  const { text, line, snapToLines, align, isd } = cue as Partial<VTTCue> & { readonly isd?: TtmlNode | null };
  const settings = `line:${line ?? 'auto'}${snapToLines === false ? '%' : ''} align:${align ?? 'center'}`;
  const said = isd ? textIn(isd).slice(0, LONGEST_TTML) : (text ?? '');
  return cueOf({ start: cue.startTime, end: cue.endTime, settings }, said);
}

/** The words of a tree, with a line for each paragraph, as WebVTT. */
function textIn({ kind, text = '', contents = [] }: TtmlNode): string {
  const words = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;') + contents.map(textIn).join('');
  return kind === 'br' || kind === 'p' ? `${words}\n` : words;
}

export function isText(kind: string): boolean {
  return kind === 'subtitles' || kind === 'captions';
}

function begunAt(cues: TextTrackCueList, time: number): number {
  let low = 0;
  let high = cues.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cues[middle]?.startTime ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
