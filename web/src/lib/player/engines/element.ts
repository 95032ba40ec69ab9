/** What all engines need of an element. */

import type { SourceTrouble } from '../delivery';

/** `MEDIA_ERR_SRC_NOT_SUPPORTED` is what browsers also say for an address that does not answer with media. */
export function troubleOf(error: MediaError | null): SourceTrouble {
  const { MEDIA_ERR_NETWORK, MEDIA_ERR_DECODE, MEDIA_ERR_SRC_NOT_SUPPORTED } = MediaError;
  if (error?.code === MEDIA_ERR_NETWORK) return { kind: 'network', status: null };
  const format = error?.code === MEDIA_ERR_DECODE || error?.code === MEDIA_ERR_SRC_NOT_SUPPORTED;
  return { kind: format ? 'format' : 'unknown', status: null };
}

/** Calls `onTrouble` for an error of the element until the result is called. */
export function watchErrors(video: HTMLVideoElement, onTrouble: (trouble: SourceTrouble) => void): () => void {
  const failed = () => onTrouble(troubleOf(video.error));
  video.addEventListener('error', failed);
  return () => video.removeEventListener('error', failed);
}

export function unload(video: HTMLVideoElement): void {
  video.removeAttribute('src');
  video.load();
}

/** A status only where an answer came. */
export function statusIn(code: number | undefined): number | null {
  return code !== undefined && code >= 100 && code <= 599 ? code : null;
}
