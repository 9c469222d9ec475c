import {
  type AuthenticatorTransport,
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
  WebAuthnError,
} from '@simplewebauthn/browser';
import { ClientError, type NewPasskey, type PasskeyAnswer, type PasskeyOptions } from '../client/browser.ts';

/** The gateway waits 30 s for a log-in; less the time of its way there, ms. */
const SIGN_IN_WITHIN = 25_000;
/** Within a session there is more time, ms. */
const ANSWER_WITHIN = 120_000;

/** Whether this browser has passkeys at this address: it binds none to a bare IP address. */
export function havePasskeys(host: string): boolean {
  return browserSupportsWebAuthn() && /[a-z]/i.test(host) && !host.includes(':');
}

/** The answer of whichever passkey the person chooses, to the challenge of a log-in. @throws ClientError aborted */
export async function signInWithPasskey(challenge: string): Promise<PasskeyAnswer> {
  return answer({ challenge, timeout: SIGN_IN_WITHIN, userVerification: 'required' });
}

/** The answer of a passkey of the one who is signed in. @throws ClientError aborted */
export async function confirmWithPasskey({ challenge, known }: PasskeyOptions): Promise<PasskeyAnswer> {
  const here = known.filter(({ host }) => host === location.hostname);
  const allowCredentials = here.map(({ credential, transports }) => descriptor(credential, transports));
  return answer({ challenge, allowCredentials, timeout: ANSWER_WITHIN, userVerification: 'required' });
}

/** Makes a passkey that says by itself whose it is. @throws ClientError aborted, usage */
export async function makePasskey({
  challenge,
  user,
  algorithms,
  known,
}: PasskeyOptions): Promise<Omit<NewPasskey, 'name'>> {
  const made = await told(() =>
    startRegistration({
      optionsJSON: {
        challenge,
        rp: { name: 'Sealfax console' },
        user: { id: user.handle, name: user.name, displayName: user.name },
        pubKeyCredParams: algorithms.map((alg) => ({ alg, type: 'public-key' })),
        excludeCredentials: known.map(({ credential, transports }) => descriptor(credential, transports)),
        authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
        attestation: 'none',
        timeout: ANSWER_WITHIN,
      },
    }),
  );
  const { clientDataJSON, attestationObject, transports = [] } = made.response;
  return { id: made.id, clientDataJSON, attestationObject, transports };
}

async function answer(optionsJSON: Parameters<typeof startAuthentication>[0]['optionsJSON']): Promise<PasskeyAnswer> {
  const { id, response } = await told(() => startAuthentication({ optionsJSON }));
  const { clientDataJSON, authenticatorData, signature, userHandle = null } = response;
  return { id, clientDataJSON, authenticatorData, signature, userHandle };
}

function descriptor(id: string, transports: readonly string[]) {
  return { id, type: 'public-key' as const, transports: transports.filter(isTransport) };
}

const TRANSPORTS: readonly string[] = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'];

function isTransport(text: string): text is AuthenticatorTransport {
  return TRANSPORTS.includes(text);
}

/** Browsers say little about why there is no answer, and that in words of their own. */
async function told<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new ClientError('aborted', sentenceOf(cause), { cause });
  }
}

function sentenceOf(cause: unknown): string {
  const code = cause instanceof WebAuthnError ? cause.code : '';
  if (code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED') return 'this device has a passkey of yours already';
  if (code === 'ERROR_INVALID_DOMAIN' || code === 'ERROR_INVALID_RP_ID')
    return 'this browser binds no passkey to the address in its address bar';
  return 'no passkey has answered in time, or it was cancelled';
}
