import type { Client, Delivery, EventType, Webhook } from '../../api/client/index.ts';
import type { Arguments, Command, Option } from './command.ts';
import type { Context } from './context.ts';
import { CliError } from './exit-status.ts';
import { defined } from './send.ts';
import { columns, moment } from './text.ts';

const TYPE: Option = {
  type: 'string',
  multiple: true,
  value: 'TYPE',
  about: 'only events of this type; may be repeated; all but fax.page when left out',
};

const ACCOUNT: Option = { type: 'string', value: 'ACCOUNT', about: 'of this account; for administrators' };

/** What both realms may do with endpoints. */
type Endpoints = Pick<Client['webhooks'], 'list' | 'create' | 'update' | 'remove' | 'rotate'>;

/** The own endpoints, or with `--account` those of an account, as its administrator. @throws CliError usage */
async function endpointsOf(context: Context, args: Arguments): Promise<Endpoints> {
  const account = args.text('account');
  if (account === undefined) return (await context.client()).webhooks;
  const admin = await context.admin();
  return {
    list: () => admin.webhooks(account),
    create: (endpoint) => admin.addWebhook(account, endpoint),
    update: (id, change) => admin.changeWebhook(account, id, change),
    remove: (id) => admin.removeWebhook(account, id),
    rotate: (id) => admin.rotateWebhook(account, id),
  };
}

/** `sealfax webhook …`. */
export const webhookCommands: Readonly<Record<string, Command>> = {
  'webhook list': {
    summary: 'endpoints of the account',
    usage: '[--account ACCOUNT]',
    words: [0, 0],
    options: { account: ACCOUNT },
    async run(context, args) {
      const all = await (await endpointsOf(context, args)).list();
      if (context.json) for (const one of all) context.show(one, '');
      else context.io.out(`${columns(['endpoint', 'state', 'types', 'url'], all.map(row))}\n`);
      return 'ok';
    },
  },
  'webhook create': {
    summary: 'post events to a URL; shows the signing secret once',
    usage: 'URL [--type TYPE…] [--account ACCOUNT]',
    words: [1, 1],
    options: { type: TYPE, account: ACCOUNT },
    async run(context, args) {
      const types = args.all('type') as EventType[];
      const made = await (await endpointsOf(context, args)).create({ url: args.words[0] ?? '', types });
      context.show(made, `${made.id}\n${made.secret}`);
      return 'ok';
    },
  },
  'webhook change': {
    summary: 'another URL, other types, on or off',
    usage: 'ENDPOINT [--url URL] [--type TYPE…] [--enable|--disable] [--account ACCOUNT]',
    words: [1, 1],
    options: {
      url: { type: 'string', value: 'URL', about: 'post there instead' },
      type: TYPE,
      enable: { type: 'boolean', about: 'post again' },
      disable: { type: 'boolean', about: 'post nothing' },
      account: ACCOUNT,
    },
    async run(context, args) {
      if (args.flag('enable') && args.flag('disable')) throw new CliError('usage', 'enable or disable, not both');
      const types = args.all('type') as EventType[];
      const disabled = args.flag('enable') ? false : args.flag('disable') ? true : undefined;
      const change = defined({ url: args.text('url'), types: types.length === 0 ? undefined : types, disabled });
      const changed = await (await endpointsOf(context, args)).update(args.words[0] ?? '', change);
      context.show(changed, row(changed).join('  '));
      return 'ok';
    },
  },
  'webhook remove': {
    summary: 'forget an endpoint',
    usage: 'ENDPOINT [--account ACCOUNT]',
    words: [1, 1],
    options: { account: ACCOUNT },
    async run(context, args) {
      const [id = ''] = args.words;
      await (await endpointsOf(context, args)).remove(id);
      context.show({ removed: id }, `${id} removed`);
      return 'ok';
    },
  },
  'webhook rotate': {
    summary: 'a new signing secret; the old one signs beside it for 24 hours',
    usage: 'ENDPOINT [--account ACCOUNT]',
    words: [1, 1],
    options: { account: ACCOUNT },
    async run(context, args) {
      const [id = ''] = args.words;
      const { secret } = await (await endpointsOf(context, args)).rotate(id);
      context.show({ endpoint: id, secret }, secret);
      return 'ok';
    },
  },
  'webhook test': {
    summary: 'post a webhook.test event now and tell what came of it',
    usage: 'ENDPOINT',
    words: [1, 1],
    options: {},
    async run(context, { words: [id = ''] }) {
      const delivery = await (await context.client()).webhooks.test(id);
      context.show(delivery, deliveryRow(delivery).join('  '));
      return delivery.state === 'delivered' ? 'ok' : 'refused';
    },
  },
  'webhook deliveries': {
    summary: 'what was posted, and what came of it',
    usage: '[ENDPOINT]',
    words: [0, 1],
    options: {
      state: { type: 'string', value: 'pending|delivered|given_up', about: 'only in this state' },
      limit: { type: 'string', value: 'N', about: 'at most so many; 50 when left out' },
    },
    async run(context, args) {
      const filter = defined({
        endpoint: args.words[0],
        state: args.choice('state', ['pending', 'delivered', 'given_up']),
        limit: args.number('limit', 1, 500),
      });
      const { items } = await (await context.client()).webhooks.deliveries(filter);
      if (context.json) for (const one of items) context.show(one, '');
      else
        context.io.out(
          `${columns(['delivery', 'created', 'type', 'state', 'attempts', 'last'], items.map(deliveryRow))}\n`,
        );
      return 'ok';
    },
  },
  'webhook replay': {
    summary: 'post events after a sequence number again',
    usage: 'ENDPOINT --after N',
    words: [1, 1],
    options: { after: { type: 'string', value: 'N', about: 'sequence number of the last event that arrived' } },
    async run(context, args) {
      const after = args.number('after', 0, Number.MAX_SAFE_INTEGER);
      if (after === undefined) throw new CliError('usage', 'from where on? Give --after N');
      const count = await (await context.client()).webhooks.replay(args.words[0] ?? '', after);
      context.show({ events: count }, `${count} events are posted again`);
      return 'ok';
    },
  },
};

function row(one: Webhook): string[] {
  const state = one.disabled ? `disabled${one.disabledReason === null ? '' : ` (${one.disabledReason})`}` : 'enabled';
  return [one.id, state, one.types.length === 0 ? 'all but fax.page' : one.types.join(','), one.url];
}

function deliveryRow(one: Delivery): string[] {
  const last = one.lastError ?? (one.lastStatus === null ? '' : String(one.lastStatus));
  return [one.id, moment(one.createdAt), one.type, one.state, String(one.attempts), last];
}
