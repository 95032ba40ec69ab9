/**
 * An attachment for a list whose rows are walked through with the arrow keys: one tab stop for the whole list. A row is
 * what has `data-row`; what can be focused in it has `data-cell`.
 */
export function rows(list: HTMLElement): () => void {
  let current: HTMLElement | null = null;

  const all = () => [...list.querySelectorAll<HTMLElement>('[data-row]')];
  const cellsOf = (row: HTMLElement) => [...row.querySelectorAll<HTMLElement>('[data-cell]')];

  function settle(): void {
    const known = all();
    if (current === null || !known.includes(current)) current = known[0] ?? null;
    for (const row of known) for (const cell of cellsOf(row)) cell.tabIndex = row === current ? 0 : -1;
  }

  function onfocusin(event: FocusEvent): void {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-row]') : null;
    if (row === null || row === current) return;
    current = row;
    settle();
  }

  function onkeydown(event: KeyboardEvent): void {
    if (!(event.target instanceof HTMLElement) || event.target.closest('[data-cell]') === null) return;
    const row = event.target.closest<HTMLElement>('[data-row]');
    const goal = row === null ? undefined : goalOf(event, row);
    if (goal === undefined) return;
    event.preventDefault();
    goal.focus();
    goal.scrollIntoView({ block: 'nearest' });
  }

  function goalOf(event: KeyboardEvent, row: HTMLElement): HTMLElement | undefined {
    const known = all();
    const cells = cellsOf(row);
    const column = cells.indexOf(event.target as HTMLElement);
    const inRow = (other: HTMLElement | undefined) => {
      const there = other === undefined ? [] : cellsOf(other);
      return there[column] ?? there[0];
    };
    switch (event.key) {
      case 'ArrowDown':
        return inRow(known[known.indexOf(row) + 1]);
      case 'ArrowUp':
        return inRow(known[known.indexOf(row) - 1]);
      case 'Home':
        return inRow(known[0]);
      case 'End':
        return inRow(known.at(-1));
      case 'ArrowRight':
        return cells[column + 1];
      case 'ArrowLeft':
        return cells[column - 1];
      default:
        return undefined;
    }
  }

  settle();
  const watcher = new MutationObserver(settle);
  watcher.observe(list, { childList: true, subtree: true });
  list.addEventListener('focusin', onfocusin);
  list.addEventListener('keydown', onkeydown);
  return () => {
    watcher.disconnect();
    list.removeEventListener('focusin', onfocusin);
    list.removeEventListener('keydown', onkeydown);
  };
}
