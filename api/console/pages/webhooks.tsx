import { useState } from 'preact/hooks';
import type { AdminDelivery, AdminWebhook } from '../../client/browser.ts';
import { useAccountNames } from '../accounts.ts';
import {
  Button,
  Dialog,
  Empty,
  Form,
  Loading,
  Mark,
  More,
  Notice,
  Outcome,
  PageHead,
  Panel,
  SelectField,
  Table,
  TextField,
  Time,
  usePaged,
} from '../components/index.ts';
import { AccountField } from '../fax-filter.tsx';
import { count, counted } from '../format.ts';
import { useMay } from '../rights.ts';
import { go, href, usePlace } from '../router.ts';
import { type Act, useAct, useLoad } from '../session.tsx';
import { DeliveryTable, deliveryState, STATE_CHOICES } from './webhooks/delivery-table.tsx';

/** Where events of all accounts are posted, what has not arrived, and posting it again. */
export function Webhooks() {
  const mayLook = useMay('operator', 'own');
  return (
    <>
      <PageHead title="Webhooks" />
      {mayLook ? (
        <Everything />
      ) : (
        <Notice>Addresses of webhooks may hold secrets of their receivers: your role does not see them.</Notice>
      )}
    </>
  );
}

/** What the address asks for; empty: all. */
interface Wanted {
  readonly account: string;
  readonly endpoint: string;
  readonly state: string;
}

function Everything() {
  const { query } = usePlace();
  const of = (name: keyof Wanted) => query.get(name) ?? '';
  const wanted: Wanted = { account: of('account'), endpoint: of('endpoint'), state: deliveryState(of('state')) ?? '' };
  const endpoints = useLoad((admin) => admin.allWebhooks(), [], { every: 30_000 });
  const [replaying, setReplaying] = useState<AdminWebhook | undefined>();
  const act = useAct();
  const show = (next: Wanted) => go(href('/webhooks', {}, { ...next }), 'replace');
  return (
    <>
      <Panel title="Endpoints">
        <p class="quiet">Each account itself says where its events are posted; what went wrong is seen here.</p>
        <Outcome act={act} />
        <Loading from={endpoints}>
          {(items) => (
            <EndpointTable
              endpoints={items.filter(({ account }) => wanted.account === '' || account === wanted.account)}
              onDeliveries={({ account, id }) => show({ account, endpoint: id, state: '' })}
              onReplay={setReplaying}
            />
          )}
        </Loading>
      </Panel>
      {endpoints.value === undefined ? null : (
        <Deliveries wanted={wanted} endpoints={endpoints.value} onFilter={show} />
      )}
      {replaying === undefined ? null : (
        <Replay endpoint={replaying} act={act} onClose={() => setReplaying(undefined)} />
      )}
    </>
  );
}

/** What does not work first. */
function EndpointTable({
  endpoints,
  onDeliveries,
  onReplay,
}: {
  readonly endpoints: readonly AdminWebhook[];
  readonly onDeliveries: (endpoint: AdminWebhook) => void;
  readonly onReplay: (endpoint: AdminWebhook) => void;
}) {
  const nameOf = useAccountNames();
  const rows = [...endpoints].sort((a, b) => weightOf(b) - weightOf(a));
  return (
    <Table
      caption={counted(rows.length, 'endpoint')}
      empty={<Empty title="No endpoints">Events are in the ledger of each account, and are posted nowhere.</Empty>}
      rows={rows}
      rowKey={({ id }) => id}
      columns={[
        { heading: 'Address', cell: ({ url }) => <code class="long">{url}</code> },
        { heading: 'Account', cell: ({ account }) => nameOf(account) },
        { heading: 'State', cell: (endpoint) => <EndpointMark endpoint={endpoint} /> },
        { heading: 'Given up in 7 days', end: true, cell: ({ givenUp }) => count(givenUp) },
        { heading: 'On their way', end: true, cell: ({ pending }) => count(pending) },
        { heading: 'The oldest', cell: ({ oldestPending }) => <Time at={oldestPending} ago />, wide: true },
        {
          heading: 'Events',
          cell: ({ types }) => (types.length === 0 ? 'all but single pages' : types.join(', ')),
          wide: true,
        },
        {
          heading: 'Do',
          cell: (endpoint) => (
            <span class="actions">
              <Button label={`Deliveries to ${endpoint.url}`} onPress={() => onDeliveries(endpoint)}>
                Deliveries
              </Button>
              <Button label={`Replay events to ${endpoint.url}`} onPress={() => onReplay(endpoint)}>
                Replay
              </Button>
            </span>
          ),
        },
      ]}
    />
  );
}

/** Switched off, then given up, then waiting. */
function weightOf({ disabled, givenUp, pending }: AdminWebhook): number {
  return (disabled ? 1e12 : 0) + givenUp * 1e6 + pending;
}

function EndpointMark({ endpoint: { disabled, disabledReason, givenUp } }: { readonly endpoint: AdminWebhook }) {
  if (disabled)
    return <Mark kind="bad">{disabledReason === null ? 'switched off' : `switched off: ${disabledReason}`}</Mark>;
  return givenUp > 0 ? <Mark kind="warning">does not take everything</Mark> : <Mark kind="good">gets events</Mark>;
}

function Deliveries({
  wanted,
  endpoints,
  onFilter,
}: {
  readonly wanted: Wanted;
  readonly endpoints: readonly AdminWebhook[];
  readonly onFilter: (wanted: Wanted) => void;
}) {
  const nameOf = useAccountNames();
  const state = deliveryState(wanted.state);
  const filter = {
    ...(wanted.account === '' ? {} : { account: wanted.account }),
    ...(wanted.endpoint === '' ? {} : { endpoint: wanted.endpoint }),
    ...(state === undefined ? {} : { state }),
    limit: 50,
  };
  const deliveries = usePaged(
    (admin, cursor) => admin.allDeliveries({ ...filter, ...cursor }),
    [JSON.stringify(wanted)],
  );
  const act = useAct();
  const retry = async (those: readonly AdminDelivery[]) => {
    await act.run(async (admin) => {
      for (const { account, id } of those) await admin.retryDelivery(account, id);
      return those.length === 1
        ? 'It is posted again.'
        : `${counted(those.length, 'delivery', 'deliveries')} are posted again.`;
    });
    deliveries.reload();
  };
  const urlOf = (endpoint: string) => endpoints.find(({ id }) => id === endpoint)?.url ?? endpoint;
  const own = endpoints.filter(({ account }) => wanted.account === '' || account === wanted.account);
  const givenUp = deliveries.items.filter((one) => one.state === 'given_up');
  return (
    <Panel title="Deliveries">
      <Form label="Which deliveries" inline onSubmit={() => undefined}>
        <AccountField value={wanted.account} onInput={(account) => onFilter({ ...wanted, account, endpoint: '' })} />
        <SelectField
          label="Endpoint"
          value={wanted.endpoint}
          options={[['', 'all'], ...own.map(({ id, url }) => [id, url] as const)]}
          onInput={(endpoint) => onFilter({ ...wanted, endpoint })}
        />
        <SelectField
          label="State"
          value={wanted.state}
          options={STATE_CHOICES}
          onInput={(next) => onFilter({ ...wanted, state: next })}
        />
        {givenUp.length < 2 ? null : (
          <p class="actions">
            <Button busy={act.busy} onPress={() => void retry(givenUp)}>
              Post the {count(givenUp.length)} given up again
            </Button>
          </p>
        )}
      </Form>
      <Outcome act={act} />
      {deliveries.loading && deliveries.items.length === 0 ? null : (
        <DeliveryTable
          deliveries={deliveries.items}
          busy={act.busy}
          to={({ account, endpoint }) => (
            <>
              {nameOf(account)}
              {wanted.endpoint === '' ? <span class="quiet long"> {urlOf(endpoint)}</span> : null}
            </>
          )}
          onRetry={(one) => void retry([one])}
        />
      )}
      <More of={deliveries} />
    </Panel>
  );
}

/** Milliseconds. */
const DAY = 86_400_000;

/** Asks from when on events are posted again: a receiver has to know doubles by their `webhook-id`. */
function Replay({
  endpoint: { account, id, url },
  act,
  onClose,
}: {
  readonly endpoint: AdminWebhook;
  readonly act: Act;
  readonly onClose: () => void;
}) {
  const [since, setSince] = useState(localTime(new Date(Date.now() - DAY)));
  const replay = async () => {
    const done = await act.run(async (admin) => {
      const events = await admin.replayWebhook(account, id, { since: new Date(since).toISOString() });
      return `${counted(events, 'event')} ${events === 1 ? 'is' : 'are'} posted to ${url} again.`;
    });
    if (done) onClose();
  };
  return (
    <Dialog title="Post past events again" onClose={onClose}>
      <Form label="Post past events again" onSubmit={() => void replay()}>
        <p>
          To <code class="long">{url}</code>, at most 10,000. What had arrived arrives twice, with the same{' '}
          <code>webhook-id</code>.
        </p>
        <TextField label="Events since" type="datetime-local" required value={since} onInput={setSince} />
        <Outcome act={act} />
        <p class="actions">
          <Button kind="main" type="submit" busy={act.busy}>
            Post again
          </Button>
          <Button onPress={onClose}>Leave it</Button>
        </p>
      </Form>
    </Dialog>
  );
}

/** `2026-11-22T14:30` on this machine's clock, as fields of a time have it. */
function localTime(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
