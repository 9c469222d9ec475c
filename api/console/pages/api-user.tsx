import { Loading, Notice, PageHead } from '../components/index.ts';
import type { PageParts } from '../pages.tsx';
import { href } from '../router.ts';
import { useLoad } from '../session.tsx';
import { UserAccess } from './user-access.tsx';

/** One user of an account. */
export function ApiUser({ parameters }: PageParts) {
  const { account = '', user = '' } = parameters;
  const found = useLoad(
    async (admin) => {
      const [users, { name }] = await Promise.all([admin.users(account), admin.account(account)]);
      return { user: users.find(({ id }) => id === user), name };
    },
    [account, user],
  );
  return (
    <>
      <PageHead title={`User ${found.value?.user?.name ?? ''}`.trim()}>
        <a href={href('/accounts/:account', { account }, { tab: 'users' })}>
          Users of {found.value?.name ?? 'the account'}
        </a>
      </PageHead>
      <Loading from={found}>
        {({ user: one }) =>
          one === undefined ? (
            <Notice kind="warning" title="There is no such user." />
          ) : (
            <UserAccess user={one} onChanged={found.reload} />
          )
        }
      </Loading>
    </>
  );
}
