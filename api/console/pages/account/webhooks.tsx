import type { Delivery, Webhook } from '../../../client/browser.ts';
import {
  Button,
  Empty,
  Form,
  Loading,
  Mark,
  type MarkKind,
  More,
  Notice,
  Outcome,
  Panel,
  SelectField,
  Table,
  Time,
  usePaged,
} from '../../components/index.ts';
import { count, counted } from '../../format.ts';
import { useMay } from '../../rights.ts';
import { go, href, usePlace } from '../../router.ts';
import { useAct, useLoad } from '../../session.tsx';
import type { AccountParts } from '../account.tsx';

const STATES: Readonly<Record<Delivery['state'], readonly [MarkKind, string]>> = {
  pending: ['busy', 'on its way'],
  delivered: ['good', 'delivered'],
  given_up: ['bad', 'given up'],
};

/** Where events of an account are posted, and what became of each. */
export function AccountWebhooks(parts: AccountParts) {
  if (useMay('operator', 'own')) return <Webhooks {...parts} />;
  return <Notice>Addresses of webhooks may hold secrets of their receivers: your role does not see them.</Notice>;
}

function Webhooks({ account: { id, name } }: AccountParts) {
  const endpoints = useLoad((admin) => admin.webhooks(id), [id]);
  return (
    <>
      <Panel title="Endpoints">
        <p class="quiet">The account itself says where its events are posted; what went wrong is seen here.</p>
        <Loading from={endpoints}>{(items) => <Endpoints endpoints={items} />}</Loading>
      </Panel>
      {endpoints.value === undefined ? null : <Deliveries account={id} name={name} endpoints={endpoints.value} />}
    </>
  );
}

function Endpoints({ endpoints }: { readonly endpoints: readonly Webhook[] }) {
  return (
    <Table
      caption={counted(endpoints.length, 'endpoint')}
      empty={<Empty title="No endpoints">Its events are in its ledger, and are posted nowhere.</Empty>}
      rows={endpoints}
      rowKey={({ id }) => id}
      columns={[
        { heading: 'Address', cell: ({ url }) => <code>{url}</code> },
        {
          heading: 'State',
          cell: ({ disabled }) => (disabled ? <Mark kind="bad">disabled</Mark> : <Mark kind="good">gets events</Mark>),
        },
        { heading: 'Why', cell: ({ disabledReason }) => disabledReason ?? '–' },
        {
          heading: 'Events',
          cell: ({ types }) => (types.length === 0 ? 'all but single pages' : types.join(', ')),
          wide: true,
        },
        { heading: 'Since', cell: ({ createdAt }) => <Time at={createdAt} />, wide: true },
      ]}
    />
  );
}

function Deliveries({
  account,
  name,
  endpoints,
}: {
  readonly account: string;
  readonly name: string;
  readonly endpoints: readonly Webhook[];
}) {
  const state = stateOf(usePlace().query.get('state') ?? '');
  const filter = { ...(state === undefined ? {} : { state }), limit: 50 };
  const deliveries = usePaged((admin, cursor) => admin.deliveries(account, { ...filter, ...cursor }), [account, state]);
  const act = useAct();
  const retry = async (id: string) => {
    const done = await act.run(async (admin) => {
      await admin.retryDelivery(account, id);
      return 'It is posted again.';
    });
    if (done) deliveries.reload();
  };
  const urlOf = (endpoint: string) => endpoints.find(({ id }) => id === endpoint)?.url ?? endpoint;
  return (
    <Panel title="Deliveries">
      <Form label="Filter" inline onSubmit={() => undefined}>
        <SelectField
          label="State"
          value={state ?? ''}
          options={[['', 'all'], ...Object.entries(STATES).map(([one, [, text]]) => [one, text] as const)]}
          onInput={(wanted) =>
            go(href('/accounts/:account', { account: name }, { tab: 'webhooks', state: wanted }), 'replace')
          }
        />
      </Form>
      <Outcome act={act} />
      {deliveries.loading && deliveries.items.length === 0 ? null : (
        <Table
          caption="Deliveries, the newest first"
          quiet
          empty={<Empty title="No deliveries" />}
          rows={deliveries.items}
          rowKey={({ id }) => id}
          columns={[
            { heading: 'Event', cell: ({ type }) => <code>{type}</code> },
            { heading: 'To', cell: ({ endpoint }) => urlOf(endpoint), wide: true },
            { heading: 'State', cell: (one) => <Mark kind={STATES[one.state][0]}>{STATES[one.state][1]}</Mark> },
            { heading: 'Answer', cell: ({ lastStatus, lastError }) => lastError ?? lastStatus ?? '–' },
            { heading: 'Tries', end: true, cell: ({ attempts }) => count(attempts) },
            { heading: 'Made', cell: ({ createdAt }) => <Time at={createdAt} />, wide: true },
            { heading: 'Next try', cell: ({ nextAt }) => <Time at={nextAt} />, wide: true },
            {
              heading: 'Do',
              cell: ({ id, state: now, type }) =>
                now === 'delivered' ? null : (
                  <Button busy={act.busy} label={`Post again: ${type}`} onPress={() => void retry(id)}>
                    Post again
                  </Button>
                ),
            },
          ]}
        />
      )}
      <More of={deliveries} />
    </Panel>
  );
}

/** A state of the address bar, when it is one. */
function stateOf(text: string): Delivery['state'] | undefined {
  return text === 'pending' || text === 'delivered' || text === 'given_up' ? text : undefined;
}
