import type { Policy } from '../client/browser.ts';

/** Anything that a field of a policy may hold. */
export type PolicyValue = Policy[keyof Policy];

/** What a person has changed and not saved yet. */
export type PolicyDraft = Readonly<Partial<Record<keyof Policy, PolicyValue>>>;

/** How a field is typed. Numbers and lists may be null where `none` says what that means. */
export type PolicyInput =
  | { readonly kind: 'check' }
  | { readonly kind: 'number'; readonly min: number; readonly max: number; readonly none?: string }
  | { readonly kind: 'money'; readonly none: string }
  | { readonly kind: 'choice'; readonly options: readonly (readonly [value: string, text: string])[] }
  | { readonly kind: 'text'; readonly longest: number; readonly none?: string }
  | { readonly kind: 'list'; readonly none?: string; readonly example: string }
  | { readonly kind: 'several'; readonly options: readonly (readonly [value: string, text: string])[] };

/** One field of the policy as it is asked for. */
export interface PolicyField {
  readonly name: keyof Policy;
  readonly label: string;
  readonly hint?: string;
  readonly input: PolicyInput;
}

/** Fields that belong together. */
export interface PolicyGroup {
  readonly title: string;
  readonly fields: readonly PolicyField[];
}

const number = (min: number, max: number, none?: string): PolicyInput => ({
  ...{ kind: 'number', min, max },
  ...(none === undefined ? {} : { none }),
});
const cap = number(0, 10_000_000, 'no cap');
const choice = (...options: (readonly [string, string])[]): PolicyInput => ({ kind: 'choice', options });
const check: PolicyInput = { kind: 'check' };

const SENDING: PolicyGroup = {
  title: 'Sending',
  fields: [
    { name: 'senderName', label: 'Sender’s name', hint: 'In the header line of every page.', input: text(100) },
    { name: 'csid', label: 'Station identification', hint: 'What the receiving machine shows.', input: text(20) },
    { name: 'timeZone', label: 'Time zone', hint: 'IANA name, such as Europe/Berlin.', input: text(64) },
    { name: 'header', label: 'Header line on every page', input: check },
    { name: 'retries', label: 'Calls after the first one', input: number(0, 20) },
    { name: 'retryInterval', label: 'Pause between calls', hint: 'Seconds.', input: number(5, 86_400) },
    { name: 'maxPages', label: 'Pages of one fax, at most', input: number(1, 5_000) },
    {
      name: 'uncertain',
      label: 'When a call was lost with a page in flight',
      input: choice(
        ['hold', 'wait for a decision'],
        ['resend_rest', 'send the rest again'],
        ['resend_all', 'send all again'],
      ),
    },
    { name: 'uncertainHold', label: 'How long it waits for the decision', hint: 'Seconds.', input: number(0, 86_400) },
  ],
};

const LIMITS: PolicyGroup = {
  title: 'Limits',
  fields: [
    { name: 'channels', label: 'Live calls at once', input: number(1, 10_000) },
    {
      name: 'overLimit',
      label: 'A fax for which there is no channel',
      input: choice(['queue', 'waits'], ['reject', 'is refused']),
    },
    { name: 'maxQueued', label: 'Unfinished faxes at once', input: number(1, 10_000_000) },
    { name: 'faxesPerHour', label: 'Faxes in an hour', input: cap },
    { name: 'faxesPerDay', label: 'Faxes in a day', hint: 'Of UTC.', input: cap },
    { name: 'abroadPerHour', label: 'Faxes abroad in an hour', input: cap },
    { name: 'abroadPerDay', label: 'Faxes abroad in a day', hint: 'Of UTC.', input: cap },
    { name: 'budgetDay', label: 'Budget of a day', input: { kind: 'money', none: 'no limit' } },
    { name: 'budgetMonth', label: 'Budget of a month', input: { kind: 'money', none: 'no limit' } },
    {
      name: 'overBudget',
      label: 'A fax while a budget is spent',
      input: choice(['reject', 'is refused'], ['hold', 'waits for the next day or month']),
    },
  ],
};

const LINES: PolicyGroup = {
  title: 'Numbers and carriers',
  fields: [
    {
      name: 'destinations',
      label: 'Countries and prefixes that may be called',
      input: { kind: 'list', none: 'all that the gateway calls', example: 'DE AT +4122' },
    },
    {
      name: 'holdNewCountries',
      label: 'The first faxes to a country wait for an approval',
      hint: 'Against toll fraud with a stolen secret.',
      input: check,
    },
    {
      name: 'neverDial',
      label: 'Kinds of lines that are not called',
      input: {
        kind: 'several',
        options: [
          ['mobile', 'mobile'],
          ['landline', 'landline'],
          ['voip', 'VoIP'],
        ],
      },
    },
    {
      name: 'unknownLine',
      label: 'A line of which nobody knows the kind',
      hint: 'Where kinds of lines are not called.',
      input: choice(['call', 'is called'], ['refuse', 'is refused']),
    },
    {
      name: 'carrierTags',
      label: 'Only carriers with all of these tags',
      hint: 'As the gateway’s settings name them.',
      input: { kind: 'list', example: 'hipaa' },
    },
    {
      name: 'pullMedia',
      label: 'Carriers that cannot take a file may fetch faxes by a link that works once',
      input: check,
    },
  ],
};

const PROTECTION: PolicyGroup = {
  title: 'Protection',
  fields: [
    {
      name: 'sealed',
      label: 'Sessions',
      hint: 'Sealed sessions protect faxes even where TLS is opened on the way.',
      input: choice(['required', 'sealed only'], ['optional', 'API keys over HTTPS too']),
    },
    {
      name: 'tlsIntercepted',
      label: 'A session through a TLS proxy',
      input: choice(['report', 'is reported'], ['refuse', 'is refused']),
    },
    {
      name: 'localPasswords',
      label: 'Passwords of its users',
      hint: 'API secrets, log-in keys and tokens of an identity provider work either way.',
      input: choice(['allowed', 'open sessions'], ['refused', 'are refused']),
    },
    { name: 'allowSuite128', label: 'Sessions under the 128-bit suite are let in', input: check },
    {
      name: 'imageLife',
      label: 'Pages of a sent fax are erased',
      input: choice(['fax', 'after its last call'], ['call', 'at the end of each call']),
    },
    {
      name: 'inboundHold',
      label: 'How long a received fax waits for its customer',
      hint: 'Seconds; 0: calls are answered only while the customer is connected.',
      input: number(0, 86_400),
    },
    {
      name: 'sealedInboundKey',
      label: 'Key of the customer for received faxes',
      hint: 'P-521 public key (SPKI, base64url): the gateway itself cannot open them after the call.',
      input: text(512, 'the gateway holds the key'),
    },
    {
      name: 'cdrRetentionDays',
      label: 'Days for which call detail records are kept',
      hint: '0: for good.',
      input: number(0, 36_500, 'as the gateway’s setting says'),
    },
  ],
};

function text(longest: number, none?: string): PolicyInput {
  return { kind: 'text', longest, ...(none === undefined ? {} : { none }) };
}

/** The whole policy, in the order of the form. */
export const POLICY_GROUPS: readonly PolicyGroup[] = [SENDING, LIMITS, LINES, PROTECTION];

/** What the gateway would refuse about a value, for the person who types it; undefined when it is well. */
export function wrongOf({ input }: PolicyField, value: PolicyValue): string | undefined {
  if (input.kind === 'number') {
    if (value === null) return input.none === undefined ? 'A number is needed.' : undefined;
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= input.min && value <= input.max;
    return fits ? undefined : `A whole number from ${input.min} to ${input.max}.`;
  }
  if (input.kind === 'money')
    return value === null || (typeof value === 'number' && value >= 0) ? undefined : 'An amount of 0 or more.';
  if (input.kind === 'text' && typeof value === 'string' && value.length > input.longest)
    return `At most ${input.longest} characters.`;
  return undefined;
}

/** A changed field, in words. */
export interface PolicyStep {
  readonly field: PolicyField;
  readonly from: string;
  readonly to: string;
}

/** What saving would change; fields that were typed back are not among it. */
export function stepsOf(policy: Policy, draft: PolicyDraft): PolicyStep[] {
  return POLICY_GROUPS.flatMap(({ fields }) => fields).flatMap((field) => {
    const value = draft[field.name];
    if (value === undefined || same(value, policy[field.name])) return [];
    return [{ field, from: told(field, policy[field.name]), to: told(field, value) }];
  });
}

/** The changed fields alone, as the gateway takes them. */
export function changeOf(policy: Policy, draft: PolicyDraft): Partial<Policy> {
  return Object.fromEntries(stepsOf(policy, draft).map(({ field: { name } }) => [name, draft[name]]));
}

const same = (a: PolicyValue, b: PolicyValue) => JSON.stringify(a) === JSON.stringify(b);

/** A value as a person reads it. */
function told({ input }: PolicyField, value: PolicyValue): string {
  if (value === null) return 'none' in input && input.none !== undefined ? input.none : 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (input.kind === 'choice') return input.options.find(([one]) => one === value)?.[1] ?? String(value);
  if (input.kind === 'money' && typeof value === 'number') return String(value / 1_000_000);
  return value === '' ? 'nothing' : String(value);
}

/** Entries of a list that are parted by spaces, commas or lines. */
export function entriesOf(typed: string): string[] {
  return typed.split(/[\s,;]+/).filter((entry) => entry !== '');
}
