import type { Webhook } from '../../../client/browser.ts';
import {
  Empty,
  Form,
  Loading,
  Mark,
  More,
  Notice,
  Outcome,
  Panel,
  SelectField,
  Table,
  Time,
  usePaged,
} from '../../components/index.ts';
import { counted } from '../../format.ts';
import { useMay } from '../../rights.ts';
import { go, href, usePlace } from '../../router.ts';
import { useAct, useLoad } from '../../session.tsx';
import type { AccountParts } from '../account.tsx';
import { DeliveryTable, deliveryState, STATE_CHOICES } from '../webhooks/delivery-table.tsx';

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
        <p class="quiet">
          The account says where its events are posted, or an administrator does with{' '}
          <code>sealfax webhook create --account</code>; what went wrong is seen here.
        </p>
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
  const state = deliveryState(usePlace().query.get('state') ?? '');
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
          options={STATE_CHOICES}
          onInput={(wanted) =>
            go(href('/accounts/:account', { account: name }, { tab: 'webhooks', state: wanted }), 'replace')
          }
        />
      </Form>
      <Outcome act={act} />
      {deliveries.loading && deliveries.items.length === 0 ? null : (
        <DeliveryTable
          deliveries={deliveries.items}
          busy={act.busy}
          to={({ endpoint }) => <span class="long">{urlOf(endpoint)}</span>}
          onRetry={({ id }) => void retry(id)}
        />
      )}
      <More of={deliveries} />
    </Panel>
  );
}
