import { ACCOUNT_TOPICS } from '../../notice-topics.ts';
import { useMay } from '../../rights.ts';
import type { AccountParts } from '../account.tsx';
import { NoticeSettings } from '../notices.tsx';

/** Whom the gateway tells by mail what concerns an account. */
export function AccountNotices({ account: { id } }: AccountParts) {
  const mayChange = useMay('admin', 'own');
  return (
    <NoticeSettings
      title="Notices by mail"
      always="To these addresses the account is told of its API users: new ones, new secrets, log-ins from a new network, with a new device or after refused ones, intercepted TLS. Scheduled reports of the account may go there, too."
      topics={ACCOUNT_TOPICS}
      fixed={!mayChange}
      read={(admin) => admin.mail.ofAccount(id)}
      save={(admin, wish) => admin.mail.setOfAccount(id, wish)}
    />
  );
}
