import { useState } from 'preact/hooks';
import type { AuditEntry } from '../../client/browser.ts';
import { useAccountNames } from '../accounts.ts';
import {
  Button,
  Empty,
  Form,
  More,
  Outcome,
  PageHead,
  Panel,
  SelectField,
  Table,
  TextField,
  Time,
  usePaged,
} from '../components/index.ts';
import { giveFile } from '../download.ts';
import { day } from '../format.ts';
import { useMay } from '../rights.ts';
import { go, href, usePlace } from '../router.ts';
import { useAct, useLoad } from '../session.tsx';

/** Who did what. Entries cannot be changed or taken away: each is chained to the one before it. */
export function Audit() {
  const { query } = usePlace();
  const [account, until] = [query.get('account') ?? '', query.get('until') ?? ''];
  const entries = usePaged(
    (admin, cursor) => admin.audit({ ...filterOf(account, until), limit: 100, ...cursor }),
    [account, until],
  );
  const move = (change: { readonly account?: string; readonly until?: string }) =>
    go(href('/audit', {}, { account, until, ...change }), 'replace');
  return (
    <>
      <PageHead title="Audit log" />
      <Panel title="Entries">
        <Filter account={account} until={until} move={move} />
        {entries.loading && entries.items.length === 0 ? null : <Entries entries={entries.items} />}
        <More of={entries} />
      </Panel>
      {useMay('auditor') ? <Export /> : null}
    </>
  );
}

/** Entries of an account, all when it is empty, up to the end of a day. */
function filterOf(account: string, until: string): { account?: string; before?: string } {
  const before = dayAfter(until);
  return { ...(account === '' ? {} : { account }), ...(before === undefined ? {} : { before }) };
}

/** The first moment behind a day of this machine's calendar; undefined without a day. */
function dayAfter(date: string): string | undefined {
  const at = new Date(`${date}T00:00:00`);
  if (Number.isNaN(at.getTime())) return undefined;
  at.setDate(at.getDate() + 1);
  return at.toISOString();
}

function Filter({
  account,
  until,
  move,
}: {
  readonly account: string;
  readonly until: string;
  readonly move: (change: { readonly account?: string; readonly until?: string }) => void;
}) {
  const accounts = useLoad((admin) => admin.accounts(), []);
  const options = (accounts.value ?? []).map(({ id, name }) => [id, name] as const);
  return (
    <Form label="Filter" inline onSubmit={() => undefined}>
      <SelectField
        label="Account"
        value={account}
        options={[['', 'all, and the gateway itself'], ...options]}
        onInput={(id) => move({ account: id })}
      />
      <TextField label="Until" type="date" value={until} onInput={(date) => move({ until: date })} />
    </Form>
  );
}

function Entries({ entries }: { readonly entries: readonly AuditEntry[] }) {
  const nameOf = useAccountNames();
  return (
    <Table
      caption="Entries, the newest first"
      quiet
      empty={<Empty title="No entries" />}
      rows={entries.map((entry, place) => ({ ...entry, place }))}
      rowKey={({ place }) => String(place)}
      columns={[
        { heading: 'When', cell: ({ at }) => <Time at={at} /> },
        { heading: 'Who', cell: ({ actor }) => <span class="long">{actor}</span> },
        { heading: 'Did', names: true, cell: ({ action }) => <code>{action}</code> },
        { heading: 'To', cell: ({ object }) => <span class="long">{object ?? '–'}</span> },
        { heading: 'Account', cell: ({ account }) => nameOf(account), wide: true },
        { heading: 'From', cell: ({ address }) => address ?? '–', wide: true },
        { heading: 'Details', cell: ({ detail }) => <Detail of={detail} /> },
      ]}
    />
  );
}

/** Keys and values as they stand in the log. */
function Detail({ of }: { readonly of: Readonly<Record<string, unknown>> }) {
  const told = Object.entries(of);
  if (told.length === 0) return <>–</>;
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return <p class="detail">{told.map(([name, value]) => `${name}: ${text(value)}`).join('; ')}</p>;
}

/** All of a span as the file that `sealfax verify audit` checks. */
function Export() {
  const [[since, until], setSpan] = useState(['', '']);
  const act = useAct();
  const submit = () =>
    act.run(async (admin) => {
      const parts: Uint8Array[] = [];
      const from = since === '' ? {} : { since: new Date(`${since}T00:00:00`).toISOString() };
      const end = dayAfter(until);
      for await (const part of admin.auditExport({ ...from, ...(end === undefined ? {} : { until: end }) }))
        parts.push(part.slice());
      giveFile(`audit-${day(new Date())}.jsonl`, 'application/jsonl', parts);
      return 'The file is with your browser.';
    });
  return (
    <Panel title="Export">
      <p class="quiet">
        JSON Lines with the chain and its signed heads: nothing in it can be changed or left out unseen. Check it with{' '}
        <code>sealfax verify audit</code>.
      </p>
      <Form label="Export" inline onSubmit={() => void submit()}>
        <TextField label="First day" type="date" value={since} onInput={(date) => setSpan([date, until])} />
        <TextField label="Last day" type="date" value={until} onInput={(date) => setSpan([since, date])} />
        <Button type="submit" busy={act.busy}>
          Download
        </Button>
      </Form>
      <Outcome act={act} />
    </Panel>
  );
}
