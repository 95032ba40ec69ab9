/** Quiet lines over the film: what others did, and why something did not work. */

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: 'quiet' | 'problem';
}

const SHOWN_MS = { quiet: 4000, problem: 8000 } as const;
const AT_ONCE = 3;

export class NoticesStore {
  list = $state.raw<readonly Notice[]>([]);
  #next = 1;

  say(text: string, tone: Notice['tone'] = 'quiet'): void {
    const notice = { id: this.#next++, text, tone };
    this.list = [...this.list.filter((other) => other.text !== text), notice].slice(-AT_ONCE);
    setTimeout(() => this.dismiss(notice), SHOWN_MS[tone]);
  }

  dismiss(notice: Notice): void {
    this.list = this.list.filter((other) => other.id !== notice.id);
  }
}
