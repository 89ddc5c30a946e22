// Where in the page one is: the address, as a value. Going somewhere is a new address; back and forward are the browser's.

export type Route =
  | { page: 'home' }
  | { page: 'absent' }
  | { page: 'room'; room: string; post: number | null }
  | { page: 'directory' }
  | { page: 'search' }
  | { page: 'feeds' }
  | { page: 'manage'; rest: string }
  | { page: 'admin'; rest: string };

class Where {
  route: Route = $state(read());
  query: URLSearchParams = $state.raw(new URLSearchParams(location.search));
}

export const where = new Where();

addEventListener('popstate', () => {
  where.route = read();
  where.query = new URLSearchParams(location.search);
});

/** Whatever is no address of ours is absent, however it is written. */
function read(): Route {
  const [, page = '', ...parts] = location.pathname.replace(/\/$/, '').split('/');
  const [first, second] = parts;
  try {
    switch (page) {
      case '':
        return { page: 'home' };
      case 'room':
        if (!first || parts.length > 2) break;
        return { page, room: first, post: second && /^\d+$/.test(second) ? Number(second) : null };
      case 'directory':
      case 'search':
      case 'feeds':
        if (parts.length > 0) break;
        return { page };
      case 'manage':
      case 'admin':
        return { page, rest: parts.map(decodeURIComponent).join('/') };
    }
  } catch {
    // What cannot be decoded names nothing.
  }
  return { page: 'absent' };
}

/** Goes to an address of ours. */
export function go(path: string): void {
  if (path === location.pathname + location.search) return;
  history.pushState(null, '', path);
  where.route = read();
  where.query = new URLSearchParams(location.search);
}

/** For links: a plain click stays in the page, everything else is the browser's. */
export function inside(event: MouseEvent): void {
  const link = event.currentTarget as HTMLAnchorElement;
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  go(link.pathname + link.search);
}
