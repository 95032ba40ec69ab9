/** The link or text that is dragged over the page; null where it is something else, as a part of the page itself. */
export function droppedText(data: DataTransfer | null): string | null {
  if (data === null || !carriesText(data)) return null;
  const [link = ''] = data
    .getData('text/uri-list')
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#'));
  const text = (link || data.getData('text/plain')).trim();
  return text === '' ? null : text;
}

/** Whether it can be dropped here. What it is, a browser tells only when it is. */
export function carriesText({ types }: DataTransfer): boolean {
  const known = [...types];
  return !known.includes(INNER) && (known.includes('text/uri-list') || known.includes('text/plain'));
}

/** What marks things of the queue that are dragged within it. */
export const INNER = 'application/x-synctv-item';

/** The item of the queue that is dragged; null where it is something else. */
export function draggedItem(data: DataTransfer | null): string | null {
  return data?.getData(INNER) || null;
}
