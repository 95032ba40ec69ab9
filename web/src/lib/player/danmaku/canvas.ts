/** Draws flying comments: each text once, into a picture of its own, which is then only moved. */

import { Sky, type Flying } from './sky';
import type { Comment } from '../../api/types';

export interface Look {
  readonly area: number;
  readonly speed: number;
  readonly opacity: number;
}

const FONT = '600 {size}px system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
const LEAST_FONT = 14;
const MOST_FONT = 30;
/** Of the height of the picture. */
const FONT_SHARE = 0.042;
const ROW = 1.35;
/** Sharper than this nobody sees, and it costs. */
const MOST_DENSITY = 2;

export class DanmakuCanvas {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  readonly #sky: Sky;
  #pictures = new Map<Flying, HTMLCanvasElement>();
  #fontSize = LEAST_FONT;
  #density = 1;
  #blank = true;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    this.#sky = new Sky((text) => this.#measure(text));
  }

  show(comments: readonly Comment[]): void {
    this.#sky.show(comments);
  }

  block(words: readonly string[]): void {
    this.#sky.block(words);
  }

  /** Draws what is to be seen at `time` seconds of the film. */
  draw(time: number, look: Look): void {
    this.#fit(look);
    this.#sky.advance(time);
    const context = this.#context;
    if (context === null || (this.#blank && this.#sky.flying.length === 0)) return;
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.globalAlpha = look.opacity;
    const drawn = new Map<Flying, HTMLCanvasElement>();
    for (const flying of this.#sky.flying) {
      const picture = this.#pictures.get(flying) ?? this.#picture(flying);
      const { x, y } = this.#sky.placeOf(flying);
      context.drawImage(picture, x * this.#density, Math.round(y * this.#density));
      drawn.set(flying, picture);
    }
    this.#pictures = drawn;
    this.#blank = drawn.size === 0;
  }

  #fit({ area, speed }: Look): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const density = Math.min(MOST_DENSITY, window.devicePixelRatio);
    if (this.#canvas.width !== Math.round(width * density) || this.#canvas.height !== Math.round(height * density)) {
      this.#canvas.width = Math.round(width * density);
      this.#canvas.height = Math.round(height * density);
      this.#density = density;
      this.#fontSize = Math.round(Math.min(MOST_FONT, Math.max(LEAST_FONT, height * FONT_SHARE)));
      if (this.#context !== null) this.#context.font = fontOf(this.#fontSize);
      this.#pictures.clear();
    }
    this.#sky.resize({ width, height, rowHeight: this.#fontSize * ROW, area, speed });
  }

  #measure(text: string): number {
    return (this.#context?.measureText(text).width ?? 0) + this.#fontSize / 2;
  }

  #picture({ comment, width }: Flying): HTMLCanvasElement {
    const picture = document.createElement('canvas');
    picture.width = Math.ceil(width * this.#density);
    picture.height = Math.ceil(this.#fontSize * ROW * this.#density);
    const context = picture.getContext('2d');
    if (context === null) return picture;
    context.scale(this.#density, this.#density);
    context.font = fontOf(this.#fontSize);
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    context.lineWidth = this.#fontSize / 7;
    context.strokeStyle = isDark(comment.color) ? 'rgb(255 255 255 / 70%)' : 'rgb(0 0 0 / 75%)';
    context.fillStyle = `#${comment.color.toString(16).padStart(6, '0')}`;
    const middle = (this.#fontSize * ROW) / 2;
    context.strokeText(comment.text, this.#fontSize / 4, middle);
    context.fillText(comment.text, this.#fontSize / 4, middle);
    return picture;
  }
}

function fontOf(size: number): string {
  return FONT.replace('{size}', String(size));
}

/** By relative luminance, roughly: a dark text needs a light edge. */
function isDark(color: number): boolean {
  const [red, green, blue] = [(color >> 16) & 255, (color >> 8) & 255, color & 255];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 60;
}
