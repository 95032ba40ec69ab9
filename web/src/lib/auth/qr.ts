/** QR codes, by a library that loads when one is drawn. */

export interface QrCode {
  /** The side in modules, quiet zone included. */
  readonly size: number;
  /** The dark modules as the path of an SVG, one unit a module. */
  readonly path: string;
}

/** Modules of light around the code; cameras want some, and the page adds more. */
const QUIET = 1;

/** Level M: a quarter of what a screen shows may be covered or glaring before a camera fails. */
export async function qrCode(text: string): Promise<QrCode> {
  const { encode } = await import('uqr');
  const { size, data } = encode(text, { ecc: 'M', border: QUIET });
  return { size, path: data.map(rowPath).join('') };
}

/** A row as runs of dark modules, so that a code is some hundred steps and not thousands of squares. */
function rowPath(row: readonly boolean[], y: number): string {
  let path = '';
  for (let x = 0; x < row.length; x += 1) {
    if (row[x] !== true) continue;
    const from = x;
    while (row[x + 1] === true) x += 1;
    path += `M${from} ${y}h${x - from + 1}v1h-${x - from + 1}z`;
  }
  return path;
}
