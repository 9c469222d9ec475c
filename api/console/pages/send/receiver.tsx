import { useEffect, useState } from 'preact/hooks';
import { type Admin, ApiProblem, type DestinationLook, type RouteExplanation } from '../../../client/browser.ts';
import { Notice, SelectField, TextField } from '../../components/index.ts';
import { money } from '../../format.ts';
import { placeName } from '../../places.ts';
import { type FaxForm, numberOf } from '../../send-form.ts';
import { useLoad, useSession } from '../../session.tsx';

/** How long nobody types before the gateway is asked about a number, ms. */
const PAUSE = 400;

/** What all parts of the form are given. */
export interface FormParts {
  readonly form: FaxForm;
  /** What is wrong with single fields, by JSON pointer. */
  readonly wrong: Readonly<Record<string, string>>;
  readonly onType: (change: Partial<FaxForm>) => void;
}

/** The number to call, what the gateway would say of it, and the number that is shown there. */
export function Receiver({ form, wrong, onType }: FormParts) {
  const numbers = useLoad((admin) => admin.numbers(form.account), [form.account]);
  const own = [...new Set((numbers.value ?? []).map(({ number }) => number))];
  return (
    <>
      <TextField
        label="To"
        type="tel"
        inputMode="tel"
        placeholder="+49301234567"
        hint="International: + and the code of the country."
        value={form.to}
        error={wrong['/to']}
        onInput={(to) => onType({ to })}
        required
        mono
      />
      <Looked number={numberOf(form.to)} account={form.account} />
      <SelectField
        label="From"
        value={form.from}
        error={wrong['/from']}
        options={[
          ['', own[0] === undefined ? 'no number of its own' : `${own[0]} (the first one)`],
          ...own.slice(1).map((number) => [number, number] as const),
        ]}
        onInput={(from) => onType({ from })}
      />
    </>
  );
}

/** What is known of a number before anything is sent to it. */
interface Known {
  readonly look?: DestinationLook;
  /** For administrators of all accounts: the carrier that would call. */
  readonly route?: RouteExplanation;
  /** Why the number is none. */
  readonly problem?: string;
}

const NOTHING: Known = {};

async function knownOf(admin: Admin, number: string, account: string, bound: boolean): Promise<Known> {
  if (!/^\+\d{6,}$/.test(number)) return NOTHING;
  try {
    const [look, route] = await Promise.all([
      admin.lookAtDestination(number, account),
      bound ? undefined : admin.explainRoute({ number, account }),
    ]);
    return { look, ...(route === undefined ? {} : { route }) };
  } catch (error) {
    if (error instanceof ApiProblem && error.status < 500) return { problem: error.message };
    throw error;
  }
}

/** Where the number is, whether it may be called, and over whom the call would go. */
function Looked({ number, account }: { readonly number: string; readonly account: string }) {
  const { me } = useSession();
  const [settled, setSettled] = useState(number);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(number), PAUSE);
    return () => clearTimeout(timer);
  }, [number]);
  const known = useLoad((admin) => knownOf(admin, settled, account, me.scope !== null), [settled, account]);
  return (
    <div aria-live="polite" class="looked">
      {settled === number && known.value !== undefined ? <Found known={known.value} /> : null}
    </div>
  );
}

function Found({ known: { look, route, problem } }: { readonly known: Known }) {
  if (problem !== undefined) return <p class="quiet">This is no number that can be called: {problem}</p>;
  if (look === undefined) return null;
  const where = `${placeName(look.place)}${look.line === 'unknown' ? '' : `, ${look.line}`}`;
  if (look.refusal !== null)
    return (
      <Notice kind="warning" title={`${where}: it would be refused.`}>
        {look.refusal.sentence}
      </Notice>
    );
  return (
    <>
      <p>
        <strong>{where}.</strong> {route === undefined ? '' : wayOf(route)}
      </p>
      {look.held === true ? (
        <Notice kind="warning" title="The country is new to this account.">
          After you have released it, the fax waits until an administrator of all accounts lets the account call there.
        </Notice>
      ) : null}
    </>
  );
}

/** Over whom the call would go, and what a page would cost. */
function wayOf({ carriers, waitFor, currency }: RouteExplanation): string {
  const [first] = carriers;
  if (first === undefined)
    return waitFor === null
      ? 'No carrier takes the call: the fax would fail.'
      : `It would wait in the line of ${waitFor}.`;
  const price = first.price === null || first.price === 0 ? '' : `, about ${money(first.price, currency)} a page`;
  return `The call would go over ${first.name}${price}.`;
}
