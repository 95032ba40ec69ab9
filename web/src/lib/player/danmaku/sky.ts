/**
 * Where comments fly over the picture: which of them, on which row, how far they are. It knows no canvas.
 *
 * Positions follow the time of the film alone, so that comments stand when it stands and are faster when it is.
 */

import type { Comment } from '../../api/types';

export interface Stage {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly rowHeight: number;
  /** Share of the height that comments may use, from the top. */
  readonly area: number;
  /** 1 crosses the picture in eight seconds. */
  readonly speed: number;
}

export interface Flying {
  readonly comment: Comment;
  readonly row: number;
  /** Pixels. */
  readonly width: number;
  /** Seconds of the film. */
  readonly from: number;
  readonly until: number;
}

/** More would be neither read nor drawn in time; what finds no place is left out. */
export const MOST_FLYING = 200;
const CROSSING_S = 8;
const STANDING_S = 4.5;
/** Between two looks at the film more than this is a seek: what was missed is not shown in a heap. */
const SEEK_S = 1.5;

export class Sky {
  readonly #measure: (text: string) => number;
  #comments: readonly Comment[] = [];
  #blocked: readonly string[] = [];
  #stage: Stage = { width: 0, height: 0, rowHeight: 1, area: 1, speed: 1 };
  #flying: Flying[] = [];
  /** Who entered each row last, by the way they fly. */
  #rows: Record<Comment['mode'], (Flying | undefined)[]> = { scroll: [], top: [], bottom: [] };
  #time = -Infinity;

  /** `measure` tells how many pixels a text is wide. */
  constructor(measure: (text: string) => number) {
    this.#measure = measure;
  }

  get flying(): readonly Flying[] {
    return this.#flying;
  }

  /** The comments of another track, by their time. */
  show(comments: readonly Comment[]): void {
    this.#comments = comments;
    this.#clear();
  }

  /** Comments that contain one of the words, in any case, are left out from now on. */
  block(words: readonly string[]): void {
    this.#blocked = words.map((word) => word.toLowerCase());
    this.#flying = this.#flying.filter(({ comment }) => !this.#isBlocked(comment));
  }

  resize(stage: Stage): void {
    const { width, height, rowHeight, area, speed } = this.#stage;
    const same = width === stage.width && height === stage.height && rowHeight === stage.rowHeight;
    if (same && area === stage.area && speed === stage.speed) return;
    this.#stage = stage;
    this.#clear();
  }

  /** Goes on to `time` seconds of the film. */
  advance(time: number): void {
    const before = this.#time;
    this.#time = time;
    if (time < before || time - before > SEEK_S) return this.#clear();
    this.#flying = this.#flying.filter(({ until }) => until > time);
    for (let i = this.#indexAfter(before); i < this.#comments.length; i += 1) {
      const comment = this.#comments[i];
      if (comment === undefined || comment.time > time || this.#flying.length >= MOST_FLYING) break;
      if (!this.#isBlocked(comment)) this.#start(comment);
    }
  }

  /** The left edge and the top of a flying comment, pixels. */
  placeOf({ comment, row, width, from, until }: Flying): { readonly x: number; readonly y: number } {
    const { width: whole, rowHeight } = this.#stage;
    const y = (comment.mode === 'bottom' ? this.#rowCount() - 1 - row : row) * rowHeight;
    if (comment.mode !== 'scroll') return { x: (whole - width) / 2, y };
    return { x: whole - ((this.#time - from) / (until - from)) * (whole + width), y };
  }

  #clear(): void {
    this.#flying = [];
    this.#rows = { scroll: [], top: [], bottom: [] };
  }

  #isBlocked({ text }: Comment): boolean {
    const lower = text.toLowerCase();
    return this.#blocked.some((word) => lower.includes(word));
  }

  #start(comment: Comment): void {
    const lasting = (comment.mode === 'scroll' ? CROSSING_S : STANDING_S) / this.#stage.speed;
    const width = this.#measure(comment.text);
    const from = comment.time;
    const rows = this.#rows[comment.mode];
    for (let row = 0; row < this.#rowCount(); row += 1) {
      const flying = { comment, row, width, from, until: from + lasting };
      if (!this.#isFree(rows[row], flying)) continue;
      rows[row] = flying;
      this.#flying.push(flying);
      return;
    }
  }

  #rowCount(): number {
    const { height, area, rowHeight } = this.#stage;
    return Math.floor((height * area) / rowHeight);
  }

  /** On a row comments follow one another when the later one enters behind the earlier and does not reach it. */
  #isFree(before: Flying | undefined, next: Flying): boolean {
    if (before === undefined || before.until <= next.from) return true;
    if (next.comment.mode !== 'scroll') return false;
    const whole = this.#stage.width;
    const lasting = next.until - next.from;
    const entered = before.from + (lasting * before.width) / (whole + before.width);
    const reaches = next.from + (lasting * whole) / (whole + next.width);
    return next.from >= entered && reaches >= before.until;
  }

  /** The index of the first comment after `time`. */
  #indexAfter(time: number): number {
    let low = 0;
    let high = this.#comments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#comments[middle]?.time ?? Infinity) <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
