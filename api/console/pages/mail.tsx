import { useState } from 'preact/hooks';
import type { OutboxMail } from '../../client/browser.ts';
import { useAccountNames } from '../accounts.ts';
import {
  Button,
  Empty,
  Form,
  Loading,
  Mark,
  type MarkKind,
  Notice,
  Outcome,
  PageHead,
  Panel,
  SelectField,
  Table,
  TextField,
  Time,
} from '../components/index.ts';
import { MAIL_KINDS } from '../notice-topics.ts';
import { go, href, usePlace } from '../router.ts';
import { useAct, useLoad } from '../session.tsx';

const STATES: Readonly<Record<OutboxMail['state'], readonly [MarkKind, string]>> = {
  waiting: ['warning', 'waits'],
  sent: ['good', 'sent'],
  given_up: ['bad', 'given up'],
};

const FILTER: readonly (readonly [string, string])[] = [
  ['', 'all'],
  ['waiting', 'those that wait'],
  ['given_up', 'those given up'],
  ['sent', 'those sent'],
];

/** Mails of the gateway: what waits, what was sent, and whether one arrives. */
export function Mail() {
  const wanted = usePlace().query.get('state') ?? '';
  const state = (Object.keys(STATES) as OutboxMail['state'][]).find((one) => one === wanted);
  const outbox = useLoad(
    (admin) => admin.mail.outbox({ limit: 100, ...(state === undefined ? {} : { state }) }),
    [state],
    { every: 10_000 },
  );
  return (
    <>
      <PageHead title="Mail" />
      <Loading from={outbox}>
        {({ items, sends }) => (
          <>
            {sends ? null : (
              <Notice kind="warning" title="This gateway sends no mails.">
                Set SEALFAX_SMTP_URL and SEALFAX_MAIL_FROM and start it again; until then nobody is told anything by
                mail.
              </Notice>
            )}
            <Panel title="Outbox">
              <Form label="Filter" inline onSubmit={() => undefined}>
                <SelectField
                  label="Show"
                  value={state ?? ''}
                  options={FILTER}
                  onInput={(text) => go(href('/mail', {}, { state: text }), 'replace')}
                />
              </Form>
              <Outbox items={items} />
            </Panel>
            {sends ? <Trial onSent={outbox.reload} /> : null}
          </>
        )}
      </Loading>
    </>
  );
}

function Outbox({ items }: { readonly items: readonly OutboxMail[] }) {
  const names = useAccountNames();
  return (
    <Table
      caption="Mails, the newest first; those that are over are shown for 30 days"
      quiet
      rows={items}
      rowKey={({ id }) => id}
      empty={<Empty title="No mails">Notices, alerts and reports that were written stand here.</Empty>}
      columns={[
        { heading: 'Written', cell: ({ createdAt }) => <Time at={createdAt} /> },
        { heading: 'About', cell: ({ kind }) => MAIL_KINDS[kind] },
        { heading: 'State', cell: (mail) => <State mail={mail} /> },
        { heading: 'To', cell: ({ to }) => <code>{to}</code> },
        { heading: 'Account', cell: ({ account }) => (account === null ? '–' : names(account)), wide: true },
      ]}
    />
  );
}

function State({ mail: { state, attempts, nextAt, lastError } }: { readonly mail: OutboxMail }) {
  const [kind, text] = STATES[state];
  const tries = attempts === 1 ? 'one attempt' : `${attempts} attempts`;
  return (
    <>
      <Mark kind={kind}>{text}</Mark>
      {lastError === null ? null : (
        <p class="quiet">
          {tries}, the last one: {lastError}
          {nextAt === null ? '' : '; again '}
          {nextAt === null ? null : <Time at={nextAt} />}
        </p>
      )}
    </>
  );
}

function Trial({ onSent }: { readonly onSent: () => void }) {
  const [to, setTo] = useState('');
  const act = useAct();
  const submit = async () => {
    const done = await act.run(async (admin) => {
      await admin.mail.try(to.trim());
      return 'It is in the outbox, and goes within seconds.';
    });
    if (done) onSent();
  };
  return (
    <Panel title="Does it arrive?">
      <Form label="Send a trial message" onSubmit={() => void submit()}>
        <TextField
          label="Mail address"
          hint="A short message goes there, with your name."
          value={to}
          error={act.fault?.fields['/to']}
          onInput={setTo}
          required
          mono
        />
        <Outcome act={act} />
        <p class="actions">
          <Button type="submit" busy={act.busy}>
            Send a trial message
          </Button>
        </p>
      </Form>
    </Panel>
  );
}
