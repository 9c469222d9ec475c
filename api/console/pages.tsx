import type { FunctionComponent } from 'preact';
import { Dashboard } from './pages/dashboard.tsx';
import { Host } from './pages/host.tsx';
import type { Parameters } from './router.ts';

/** What every page is given; the query is read with `usePlace`. */
export interface PageParts {
  /** What its pattern names in the address. */
  readonly parameters: Parameters;
}

/** A page of the console. */
export interface Page {
  /** `/faxes/:id`. */
  readonly path: string;
  /** In the navigation, when it is there; pages of one thing are not. */
  readonly nav?: string;
  /** The page of the navigation under which it stands, when it has no place of its own: `/faxes`. */
  readonly under?: string;
  readonly component: FunctionComponent<PageParts>;
}

/** All pages, in the order of the navigation. */
export const PAGES: readonly Page[] = [
  { path: '/', nav: 'Dashboard', component: Dashboard },
  { path: '/host', nav: 'Host and restore', component: Host },
];
