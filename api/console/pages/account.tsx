import type { FunctionComponent } from 'preact';
import type { Account as Customer } from '../../client/browser.ts';
import { Loading, PageHead } from '../components/index.ts';
import type { PageParts } from '../pages.tsx';
import { href, usePlace } from '../router.ts';
import { useLoad } from '../session.tsx';
import { AccountCovers } from './account/covers.tsx';
import { AccountDestinations } from './account/destinations.tsx';
import { AccountNotices } from './account/notices.tsx';
import { AccountNumbers } from './account/numbers.tsx';
import { AccountOverview } from './account/overview.tsx';
import { PolicyForm } from './account/policy.tsx';
import { AccountUsers } from './account/users.tsx';
import { AccountWebhooks } from './account/webhooks.tsx';

/** What each part of the page is given. */
export interface AccountParts {
  readonly account: Customer;
  /** The account itself has changed. */
  readonly onChanged: () => void;
}

/** Parts of the page, in their order; the first one is shown when the address names none. */
const TABS: readonly (readonly [tab: string, name: string, part: FunctionComponent<AccountParts>])[] = [
  ['overview', 'Overview', AccountOverview],
  ['policy', 'Policy', PolicyForm],
  ['users', 'Users', AccountUsers],
  ['numbers', 'Numbers', AccountNumbers],
  ['destinations', 'Countries', AccountDestinations],
  ['covers', 'Covers', AccountCovers],
  ['webhooks', 'Webhooks', AccountWebhooks],
  ['notices', 'Notices', AccountNotices],
];

/** One customer. */
export function Account({ parameters }: PageParts) {
  const name = parameters.account ?? '';
  const wanted = usePlace().query.get('tab') ?? '';
  const account = useLoad((admin) => admin.account(name), [name]);
  const [tab, , Part] = TABS.find(([one]) => one === wanted) ?? ['overview', 'Overview', AccountOverview];
  return (
    <>
      <PageHead title={`Account ${account.value?.name ?? name}`}>
        <a href={href('/accounts')}>All accounts</a>
      </PageHead>
      <nav class="tabs" aria-label="Parts of the account">
        <ul>
          {TABS.map(([one, text]) => (
            <li key={one}>
              <a
                href={href('/accounts/:account', { account: name }, { tab: one })}
                {...(one === tab ? { 'aria-current': 'page' as const } : {})}
              >
                {text}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <Loading from={account}>{(value) => <Part key={tab} account={value} onChanged={account.reload} />}</Loading>
    </>
  );
}
