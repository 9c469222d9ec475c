import type { Account } from '../../client/browser.ts';
import { Panel } from '../components/index.ts';
import { href } from '../router.ts';
import { may, useLoad, useSession } from '../session.tsx';

/** One step towards the first fax. */
interface Step {
  readonly done: boolean;
  readonly title: string;
  readonly text: string;
  readonly to?: string;
}

/** For a new gateway: what is there already, and what comes next until the first fax has gone out. */
export function FirstFax({ accounts }: { readonly accounts: readonly Account[] }) {
  const account = accounts[0];
  const { me } = useSession();
  const sends = may(me, 'operator') && account !== undefined;
  const found = useLoad(
    async (admin) => {
      const [numbers, users] =
        account === undefined ? [[], []] : await Promise.all([admin.numbers(account.id), admin.users(account.id)]);
      return {
        numbers: numbers.length,
        users: users.length,
        carriers: me.scope === null ? await admin.carriers() : [],
      };
    },
    [account?.id],
  );
  const { numbers = 0, users = 0, carriers = [] } = found.value ?? {};
  const at = account === undefined ? href('/accounts') : href('/accounts/:account', { account: account.id });
  const real = carriers.filter(({ kind }) => kind !== 'loopback');
  const steps: Step[] = [
    {
      done: account !== undefined,
      title: 'An account',
      text: 'Accounts are customers: each has numbers, users and a policy of its own.',
      to: href('/accounts'),
    },
    {
      done: numbers > 0,
      title: 'A fax number',
      text: 'What faxes are sent from, and received at.',
      to: at,
    },
    {
      done: users > 0,
      title: 'An API user',
      text: 'Its secret is shown once; programs send and receive with it.',
      to: at,
    },
    {
      done: carriers.length > 0,
      title: real.length > 0 ? 'A carrier' : 'A carrier (for now the telephone network inside of the gateway)',
      text: 'The loopback network costs nothing and calls nobody: right for a first fax. Real carriers stand in SEALFAX_CARRIERS.',
      to: href('/carriers'),
    },
    {
      done: false,
      title: 'The first fax',
      text:
        real.length > 0
          ? 'Choose a PDF, look at its pages and send it from here; or on the machine of the gateway: sealfax send letter.pdf --to NUMBER.'
          : 'Choose a PDF, look at its pages and send it from here to +15550100001: the network inside of the gateway answers any number.',
      ...(sends ? { to: href('/send', {}, real.length > 0 ? {} : { to: '+15550100001' }) } : {}),
    },
  ];
  return (
    <Panel title="To the first fax">
      <ol class="steps">
        {steps.map(({ done, title, text, to }) => (
          <li key={title} class={done ? 'done' : ''}>
            <span class="step-sign" aria-hidden="true">
              {done ? '✓' : ''}
            </span>
            <div>
              <strong>{to === undefined ? title : <a href={to}>{title}</a>}</strong>
              <span class="unseen">{done ? ', done' : ', still to do'}</span>
              <p class="quiet">{text}</p>
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
