// Where in the page one is: the address, as a value. Going somewhere is a new address; back and forward are the browser's.

export type Route =
  | { page: 'home' }
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

function read(): Route {
  const [, page, first, second] = location.pathname.split('/');
  const rest = location.pathname.split('/').slice(2).map(decodeURIComponent).join('/');
  switch (page) {
    case 'room':
      return { page: 'room', room: first ?? '', post: second && /^\d+$/.test(second) ? Number(second) : null };
    case 'directory':
    case 'search':
    case 'feeds':
      return { page };
    case 'manage':
    case 'admin':
      return { page, rest };
    default:
      return { page: 'home' };
  }
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
