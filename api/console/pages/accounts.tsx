import { useState } from 'preact/hooks';
import type { Account } from '../../client/browser.ts';
import {
  Button,
  Dialog,
  Empty,
  FaultNotice,
  Form,
  Loading,
  Mark,
  Notice,
  PageHead,
  Panel,
  Table,
  TextField,
  Time,
} from '../components/index.ts';
import { counted } from '../format.ts';
import { placeName } from '../places.ts';
import { useMay } from '../rights.ts';
import { go, href } from '../router.ts';
import { useAct, useLoad } from '../session.tsx';

/** All customers. */
export function Accounts() {
  const [mayAdd, everywhere] = [useMay('admin'), useMay('auditor')];
  const [adding, setAdding] = useState(false);
  const [wanted, setWanted] = useState('');
  const accounts = useLoad((admin) => admin.accounts(), []);
  return (
    <>
      <PageHead title="Accounts">
        {mayAdd ? (
          <Button kind="main" onPress={() => setAdding(true)}>
            Add an account
          </Button>
        ) : null}
      </PageHead>
      {everywhere ? <Waiting /> : null}
      <Panel title="Customers">
        <Loading from={accounts}>
          {(items) => (
            <>
              {items.length < MANY ? null : (
                <Form label="Filter" inline onSubmit={() => undefined}>
                  <TextField label="Name or title" type="search" value={wanted} onInput={setWanted} />
                </Form>
              )}
              <AccountTable accounts={items.filter((account) => fits(account, wanted))} />
            </>
          )}
        </Loading>
      </Panel>
      {adding ? <AddAccount onClose={() => setAdding(false)} /> : null}
    </>
  );
}

/** From so many on a filter is worth its place. */
const MANY = 12;

function fits({ name, title }: Account, wanted: string): boolean {
  return `${name} ${title}`.toLowerCase().includes(wanted.trim().toLowerCase());
}

function AccountTable({ accounts }: { readonly accounts: readonly Account[] }) {
  return (
    <Table
      caption={counted(accounts.length, 'account')}
      empty={<Empty title="No accounts">Add one: faxes are sent and received for accounts.</Empty>}
      rows={accounts}
      rowKey={({ id }) => id}
      columns={[
        { heading: 'Account', cell: ({ name }) => <a href={href('/accounts/:account', { account: name })}>{name}</a> },
        { heading: 'Title', cell: ({ title }) => title },
        { heading: 'State', cell: (account) => <AccountState account={account} /> },
        {
          heading: 'Sessions',
          cell: ({ policy }) => (policy.sealed === 'required' ? 'sealed only' : 'API keys too'),
          wide: true,
        },
        { heading: 'Added', cell: ({ createdAt }) => <Time at={createdAt} />, wide: true },
      ]}
    />
  );
}

/** Whether an account may send. */
export function AccountState({ account }: { readonly account: Account }) {
  if (account.erasedAt !== null) return <Mark kind="idle">erased</Mark>;
  if (account.closedAt !== null) return <Mark kind="bad">closed</Mark>;
  if (account.disabled) return <Mark kind="bad">disabled</Mark>;
  return account.paused ? <Mark kind="warning">paused</Mark> : <Mark kind="good">open</Mark>;
}

/** Held faxes of all accounts, which wait for an administrator; those of one see theirs on its own page. */
function Waiting() {
  const waiting = useLoad((admin) => Promise.all([admin.waitingDestinations(), admin.accounts()]), [], {
    every: 30_000,
  });
  if (waiting.value === undefined) return null;
  const [items, accounts] = waiting.value;
  if (items.length === 0) return null;
  const nameOf = (id: string) => accounts.find((account) => account.id === id)?.name ?? id;
  return (
    <Panel title="Faxes that wait for an approval">
      <Notice kind="warning">Accounts want to call countries that they have not called before.</Notice>
      <Table
        caption="Countries that held faxes wait for"
        quiet
        rows={items}
        rowKey={({ account, place }) => `${account} ${place}`}
        columns={[
          {
            heading: 'Account',
            cell: ({ account }) => (
              <a href={href('/accounts/:account', { account: nameOf(account) }, { tab: 'destinations' })}>
                {nameOf(account)}
              </a>
            ),
          },
          { heading: 'Country', cell: ({ place }) => placeName(place) },
          { heading: 'Faxes', end: true, cell: ({ faxes }) => String(faxes) },
          { heading: 'Since', cell: ({ since }) => <Time at={since} />, wide: true },
          { heading: 'The first fails', cell: ({ until }) => <Time at={until} ago /> },
        ]}
      />
    </Panel>
  );
}

function AddAccount({ onClose }: { readonly onClose: () => void }) {
  const [{ name, title }, setTyped] = useState({ name: '', title: '' });
  const act = useAct();
  const wrong = act.fault?.fields ?? {};
  const submit = async () => {
    const done = await act.run((admin) => admin.createAccount({ name, title }));
    if (done) go(href('/accounts/:account', { account: name }, { tab: 'users' }));
  };
  return (
    <Dialog title="Add an account" onClose={onClose}>
      <FaultNotice fault={act.fault} />
      <Form label="Add an account" onSubmit={() => void submit()}>
        <TextField
          label="Name"
          hint="1 to 40 of a–z, 0–9 and hyphen. It stands in connection strings and stays as it is."
          value={name}
          error={wrong['/name']}
          onInput={(text) => setTyped({ name: text.trim().toLowerCase(), title })}
          mono
          required
        />
        <TextField
          label="Title"
          hint="As people call it: Clinic at the park."
          value={title}
          error={wrong['/title']}
          onInput={(text) => setTyped({ name, title: text })}
        />
        <p class="quiet">It begins with the default policy. A user for its programs comes next.</p>
        <p class="actions">
          <Button kind="main" type="submit" busy={act.busy}>
            Add it
          </Button>
          <Button onPress={onClose}>Leave it</Button>
        </p>
      </Form>
    </Dialog>
  );
}
