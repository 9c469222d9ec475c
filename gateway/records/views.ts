import type { AccountId } from '../fax/ids.ts';
import type { AccountView } from '../ports/account-view.ts';
import type { Database } from './database.ts';

/** Views that are kept: what is asked through one at the same time goes to the database together. */
const MOST = 256;

/** Views of accounts, each made when it is first asked for. Null: of all of them. */
export function createViews(
  database: Database,
  make: (database: Database) => AccountView,
): (account: AccountId | null) => AccountView {
  const all = make(database);
  const views = new Map<AccountId, AccountView>();
  return (account) => {
    if (account === null) return all;
    const known = views.get(account);
    if (known !== undefined) return known;
    const view = make(database.forAccount(account));
    const [oldest] = views.keys();
    if (oldest !== undefined && views.size >= MOST) views.delete(oldest);
    views.set(account, view);
    return view;
  };
}
