/** One thing at a time that takes a while and may fail, as a form shows it. */

import { isQuiet } from '../auth/cancelled';

export class Task {
  busy = $state(false);
  error = $state.raw<unknown>(null);

  /** Resolves to whether it was done. Does nothing while something is under way. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.error = null;
    try {
      await work();
      return true;
    } catch (error) {
      this.error = isQuiet(error) ? null : error;
      return false;
    } finally {
      this.busy = false;
    }
  }
}
