import { useMemo, useState } from 'preact/hooks';
import type { Account, Progress } from '../../client/browser.ts';
import { Button, Empty, FaultNotice, Form, Loading, PageHead, Panel, SelectField } from '../components/index.ts';
import { go, href, usePlace } from '../router.ts';
import { EMPTY_FORM, type FaxForm, missing, requestOf } from '../send-form.ts';
import { useAct, useLoad } from '../session.tsx';
import { Documents } from './send/documents.tsx';
import { FaxOptions } from './send/options.tsx';
import { Receiver } from './send/receiver.tsx';

/** A fax from the console: who sends it, to whom, and what. Its pages are looked at before it goes. */
export function Send() {
  const accounts = useLoad((admin) => admin.accounts(), []);
  return (
    <>
      <PageHead title="Send a fax" />
      <Loading from={accounts}>
        {(all) => {
          const open = all.filter(({ disabled, paused }) => !disabled && !paused);
          return open.length === 0 ? <NoAccount /> : <SendForm accounts={open} />;
        }}
      </Loading>
    </>
  );
}

function NoAccount() {
  return (
    <Empty title="There is no account that sends">
      <p>
        A fax is sent for an account, from one of its numbers. <a href={href('/accounts')}>To the accounts</a>
      </p>
    </Empty>
  );
}

function SendForm({ accounts }: { readonly accounts: readonly Account[] }) {
  const { query } = usePlace();
  const first = accounts.find(({ id }) => id === query.get('account')) ?? accounts[0];
  const [form, setForm] = useState<FaxForm>({
    ...EMPTY_FORM,
    account: first?.id ?? '',
    to: query.get('to') ?? '',
  });
  const [asked, setAsked] = useState(false);
  const [progress, setProgress] = useState<Progress | undefined>(undefined);
  const act = useAct();
  const key = useMemo(() => crypto.randomUUID(), [form]);
  const type = (change: Partial<FaxForm>) => setForm((before) => ({ ...before, ...change }));
  const lacking = missing(form);
  const send = async (review: boolean) => {
    setAsked(true);
    if (lacking !== '') return;
    await act.run(async (admin) => {
      // The same form again, after an answer that got lost, is the same fax.
      const control = { onProgress: setProgress, idempotencyKey: `${key}-${review ? 'look' : 'send'}` };
      const { id } = await admin.faxes.send(form.account, requestOf(form, review), control);
      go(href('/faxes/:id', { id }));
    });
    setProgress(undefined);
  };
  const wrong = act.fault?.fields ?? {};
  return (
    <Form label="Send a fax" onSubmit={() => void send(true)}>
      <div class="columns">
        <Panel title="From and to">
          <SelectField
            label="Account"
            value={form.account}
            options={accounts.map(({ id, name, title }) => [id, title === '' ? name : `${title} (${name})`])}
            onInput={(account) => type({ account, from: '', cover: '' })}
          />
          <Receiver form={form} wrong={wrong} onType={type} />
        </Panel>
        <Panel title="Documents">
          <Documents documents={form.documents} wrong={wrong} onChange={(documents) => type({ documents })} />
        </Panel>
      </div>
      <FaxOptions form={form} wrong={wrong} onType={type} />
      <FaultNotice fault={act.fault} />
      <p class="actions">
        <Button kind="main" type="submit" busy={act.busy}>
          Make the pages and show them
        </Button>
        <Button busy={act.busy} onPress={() => void send(false)}>
          Send without looking
        </Button>
        <span role="status" class={lacking !== '' && asked ? 'field-error' : 'quiet'}>
          {act.busy ? <Sent progress={progress} /> : asked ? lacking : ''}
        </span>
      </p>
      <p class="quiet">
        The pages are made by the gateway, exactly as they will go over the line. Nobody is called before you have seen
        them; after an hour they are erased.
      </p>
    </Form>
  );
}

/** How much of the documents is on its way, and then that the gateway looks at them. */
function Sent({ progress }: { readonly progress: Progress | undefined }) {
  if (progress?.phase !== 'upload' || progress.total === null || progress.sent >= progress.total)
    return <>The gateway looks at the documents…</>;
  return <>Sealing and sending: {Math.floor((100 * progress.sent) / progress.total)}%</>;
}
