/** Where the person is in the page, kept with the history of the browser. */

import { routeOf, type Route } from './routes';

class Router {
  route = $state.raw<Route>(here());

  /** Follows the browser's back and forward, and clicks on links inside the page. */
  start(): void {
    addEventListener('popstate', () => (this.route = here()));
    document.addEventListener('click', (event) => this.#click(event));
  }

  go(path: string, { replace = false } = {}): void {
    if (replace) history.replaceState(null, '', path);
    else history.pushState(null, '', path);
    this.route = here();
    scrollTo(0, 0);
  }

  #click(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || event.defaultPrevented || !isPlain(event) || !isInner(link)) return;
    event.preventDefault();
    this.go(link.pathname + link.search + link.hash);
  }
}

function isPlain(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

function isInner(link: HTMLAnchorElement): boolean {
  if (link.target !== '' || link.origin !== location.origin || link.hasAttribute('download')) return false;
  return link.hash === '' || link.pathname !== location.pathname;
}

function here(): Route {
  return routeOf(location.pathname, location.search);
}

export const router = new Router();
