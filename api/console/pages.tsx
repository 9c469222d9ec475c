import type { FunctionComponent } from 'preact';
import { Audit } from './pages/audit.tsx';
import { Carrier } from './pages/carrier.tsx';
import { Carriers } from './pages/carriers.tsx';
import { Dashboard } from './pages/dashboard.tsx';
import { Host } from './pages/host.tsx';
import { Purges } from './pages/purges.tsx';
import { Routes } from './pages/routes.tsx';
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
  { path: '/carriers', nav: 'Carriers', component: Carriers },
  { path: '/carriers/:name', under: '/carriers', component: Carrier },
  { path: '/purges', under: '/carriers', component: Purges },
  { path: '/routes', nav: 'Routes', component: Routes },
  { path: '/audit', nav: 'Audit', component: Audit },
  { path: '/host', nav: 'Host and restore', component: Host },
];
