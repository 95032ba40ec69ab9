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
    if (link === null || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.target !== '' || link.origin !== location.origin || link.hasAttribute('download')) return;
    if (link.hash !== '' && link.pathname === location.pathname) return;
    event.preventDefault();
    this.go(link.pathname + link.search + link.hash);
  }
}

function here(): Route {
  return routeOf(location.pathname, location.search);
}

export const router = new Router();
