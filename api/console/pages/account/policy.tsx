import { useState } from 'preact/hooks';
import type { Account, Policy } from '../../../client/browser.ts';
import {
  Button,
  CheckField,
  FaultNotice,
  Form,
  Notice,
  NumberField,
  Panel,
  SelectField,
  TextField,
} from '../../components/index.ts';
import { counted } from '../../format.ts';
import {
  changeOf,
  entriesOf,
  POLICY_GROUPS,
  type PolicyDraft,
  type PolicyField,
  type PolicyValue,
  stepsOf,
  wrongOf,
} from '../../policy-fields.ts';
import { useMay } from '../../rights.ts';
import { useAct } from '../../session.tsx';

/** The policy of an account: what is changed stands at the end, and nothing is sent before it is saved. */
export function PolicyForm({ account, onChanged }: { readonly account: Account; readonly onChanged: () => void }) {
  const { policy } = account;
  const [draft, setDraft] = useState<PolicyDraft>({});
  const act = useAct();
  const mayChange = useMay('admin', 'own');
  const steps = stepsOf(policy, draft);
  const wrong = steps.some(({ field }) => wrongOf(field, draft[field.name] ?? null) !== undefined);
  const submit = async () => {
    if (wrong || steps.length === 0) return;
    const done = await act.run(async (admin) => {
      await admin.changeAccount(account.id, { policy: changeOf(policy, draft) });
      return 'The policy is changed. It holds for faxes from now on.';
    });
    if (!done) return;
    setDraft({});
    onChanged();
  };
  return (
    <Form label="Policy" onSubmit={() => void submit()}>
      {POLICY_GROUPS.map(({ title, fields }) => (
        <Panel key={title} title={title}>
          <div class="form inline fields">
            {fields.map((field) => (
              <PolicyInputField
                key={field.name}
                field={field}
                value={drafted(policy, draft, field.name)}
                refused={act.fault?.fields[`/policy/${field.name}`]}
                onInput={(value) => setDraft((before) => ({ ...before, [field.name]: value }))}
              />
            ))}
          </div>
        </Panel>
      ))}
      <Panel title="Changes">
        <FaultNotice fault={act.fault} />
        {act.done === '' || steps.length > 0 ? null : <Notice kind="good">{act.done}</Notice>}
        {steps.length === 0 ? (
          <p class="quiet">
            {mayChange ? 'Nothing is changed.' : 'Your role may look at the policy and not change it.'}
          </p>
        ) : (
          <ul class="plain">
            {steps.map(({ field, from, to }) => (
              <li key={field.name}>
                {field.label}: {from} → <strong>{to}</strong>
              </li>
            ))}
          </ul>
        )}
        <p class="actions">
          <Button kind="main" type="submit" busy={act.busy} disabled={steps.length === 0 || wrong || !mayChange}>
            {steps.length === 0 ? 'Save' : `Save ${counted(steps.length, 'change')}`}
          </Button>
          {steps.length === 0 ? null : <Button onPress={() => setDraft({})}>Take back</Button>}
        </p>
      </Panel>
    </Form>
  );
}

function drafted(policy: Policy, draft: PolicyDraft, name: keyof Policy): PolicyValue {
  const value = draft[name];
  return value === undefined ? policy[name] : value;
}

/** @see PolicyInputField */
interface InputParts {
  readonly field: PolicyField;
  readonly value: PolicyValue;
  /** The gateway's word about it. */
  readonly refused: string | undefined;
  readonly onInput: (value: PolicyValue) => void;
}

/** One field, as its kind is typed. */
function PolicyInputField({ field, value, refused, onInput }: InputParts) {
  const { label, hint, input } = field;
  const frame = { label, ...hinted(field, hint), error: refused ?? wrongOf(field, value) };
  switch (input.kind) {
    case 'check':
      return <CheckField {...frame} checked={value === true} onInput={onInput} />;
    case 'choice':
      return (
        <SelectField
          {...frame}
          value={String(value)}
          options={input.options}
          onInput={(text) => onInput(chosen(text))}
        />
      );
    case 'number': {
      const { min, max } = input;
      return (
        <NumberField
          {...frame}
          value={typeof value === 'number' ? value : null}
          min={min}
          max={max}
          onInput={onInput}
        />
      );
    }
    case 'money':
      return (
        <NumberField
          {...frame}
          value={typeof value === 'number' ? value / MILLION : null}
          min={0}
          step="any"
          onInput={(amount) => onInput(amount === null ? null : Math.round(amount * MILLION))}
        />
      );
    case 'text':
      return (
        <TextField
          {...frame}
          value={typeof value === 'string' ? value : ''}
          onInput={(text) => onInput(text === '' && input.none !== undefined ? null : text)}
        />
      );
    case 'list':
      return <ListField frame={frame} none={input.none} example={input.example} value={value} onInput={onInput} />;
    case 'several':
      return <SeveralField label={label} options={input.options} value={value} onInput={onInput} />;
  }
}

/** Money is in millionths. */
const MILLION = 1_000_000;

/** What is chosen is one of the field's own options, which are those of the policy. */
const chosen = (text: string) => text as PolicyValue;

/** The hint, and what an empty field means. */
function hinted({ input }: PolicyField, hint: string | undefined): { readonly hint?: string } {
  const none = 'none' in input && input.none !== undefined && input.kind !== 'list' ? `Empty: ${input.none}.` : '';
  const said = [hint ?? '', none].filter((part) => part !== '').join(' ');
  return said === '' ? {} : { hint: said };
}

/** A list that is typed as text; where it may be missing, a tick says so, because an empty list is something else. */
function ListField({
  frame,
  none,
  example,
  value,
  onInput,
}: {
  readonly frame: { readonly label: string; readonly hint?: string; readonly error: string | undefined };
  readonly none: string | undefined;
  readonly example: string;
  readonly value: PolicyValue;
  readonly onInput: (value: PolicyValue) => void;
}) {
  const given = Array.isArray(value) ? value.map(String) : [];
  const [typed, setTyped] = useState(given.join(' '));
  // What is typed stays as it is typed, unless the value came from elsewhere, as when a change is taken back.
  const shown = entriesOf(typed).join(' ') === given.join(' ') ? typed : given.join(' ');
  const type = (text: string) => {
    setTyped(text);
    // Entries are what they are once the gateway has checked them.
    onInput(entriesOf(text) as PolicyValue);
  };
  return (
    <div class="field">
      {none === undefined ? null : (
        <CheckField
          label={`${frame.label}: ${none}`}
          checked={value === null}
          onInput={(all) => onInput(all ? null : (entriesOf(typed) as PolicyValue))}
        />
      )}
      {value === null ? null : <TextField {...frame} placeholder={example} value={shown} onInput={type} mono />}
    </div>
  );
}

/** Any of several. */
function SeveralField({
  label,
  options,
  value,
  onInput,
}: {
  readonly label: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly value: PolicyValue;
  readonly onInput: (value: PolicyValue) => void;
}) {
  const picked = Array.isArray(value) ? value.map(String) : [];
  const wanted = (one: string, yes: boolean) =>
    options.map(([name]) => name).filter((name) => (name === one ? yes : picked.includes(name)));
  return (
    <fieldset class="several">
      <legend>{label}</legend>
      {options.map(([one, text]) => (
        <CheckField
          key={one}
          label={text}
          checked={picked.includes(one)}
          onInput={(yes) => onInput(wanted(one, yes) as PolicyValue)}
        />
      ))}
    </fieldset>
  );
}
