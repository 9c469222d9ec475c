import type { FunctionComponent } from 'preact';
import type { Role } from '../client/browser.ts';
import { Account } from './pages/account.tsx';
import { Accounts } from './pages/accounts.tsx';
import { Administrator, Administrators } from './pages/administrators.tsx';
import { Alerts } from './pages/alerts.tsx';
import { ApiUser } from './pages/api-user.tsx';
import { Audit } from './pages/audit.tsx';
import { Call } from './pages/call.tsx';
import { Calls } from './pages/calls.tsx';
import { Carrier } from './pages/carrier.tsx';
import { Carriers } from './pages/carriers.tsx';
import { Dashboard } from './pages/dashboard.tsx';
import { Fax } from './pages/fax.tsx';
import { Faxes } from './pages/faxes.tsx';
import { Host } from './pages/host.tsx';
import { Keys } from './pages/keys.tsx';
import { Live } from './pages/live.tsx';
import { Mail } from './pages/mail.tsx';
import { MySignIn } from './pages/me.tsx';
import { Purges } from './pages/purges.tsx';
import { Reports } from './pages/reports.tsx';
import { Routes } from './pages/routes.tsx';
import { Send } from './pages/send.tsx';
import { Settings } from './pages/settings.tsx';
import { Webhooks } from './pages/webhooks.tsx';
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
  /** For administrators who are bound to one account too; what is not is for those of all accounts. */
  readonly everybody?: boolean;
  /** The least role that it is of use to. */
  readonly least?: Role;
  readonly component: FunctionComponent<PageParts>;
}

/** All pages, in the order of the navigation. */
export const PAGES: readonly Page[] = [
  { path: '/', nav: 'Dashboard', everybody: true, component: Dashboard },
  { path: '/send', nav: 'Send a fax', everybody: true, least: 'operator', component: Send },
  { path: '/faxes', nav: 'Faxes', everybody: true, component: Faxes },
  { path: '/faxes/:id', under: '/faxes', everybody: true, component: Fax },
  { path: '/calls', nav: 'Calls', everybody: true, component: Calls },
  { path: '/calls/:id', under: '/calls', everybody: true, component: Call },
  { path: '/reports', nav: 'Reports', everybody: true, component: Reports },
  { path: '/live', nav: 'Live', everybody: true, component: Live },
  { path: '/alerts', nav: 'Alerts', everybody: true, component: Alerts },
  { path: '/accounts', nav: 'Accounts', everybody: true, component: Accounts },
  { path: '/accounts/:account', under: '/accounts', everybody: true, component: Account },
  { path: '/accounts/:account/users/:user', under: '/accounts', everybody: true, component: ApiUser },
  { path: '/carriers', nav: 'Carriers', component: Carriers },
  { path: '/carriers/:name', under: '/carriers', component: Carrier },
  { path: '/purges', under: '/carriers', component: Purges },
  { path: '/routes', nav: 'Routes', component: Routes },
  { path: '/webhooks', nav: 'Webhooks', everybody: true, least: 'operator', component: Webhooks },
  { path: '/mail', nav: 'Mail', everybody: true, least: 'admin', component: Mail },
  { path: '/audit', nav: 'Audit', everybody: true, component: Audit },
  { path: '/administrators', nav: 'Administrators', component: Administrators },
  { path: '/administrators/:user', under: '/administrators', component: Administrator },
  { path: '/me', nav: 'My sign-in', everybody: true, component: MySignIn },
  { path: '/keys', nav: 'Keys', component: Keys },
  { path: '/settings', nav: 'Settings', component: Settings },
  { path: '/host', nav: 'Host and restore', component: Host },
];
