import { useEffect, useState } from 'preact/hooks';
import { type Place, placeOf } from './address.ts';

export { href, match, type Parameters, type Place, placeOf, type Query } from './address.ts';

/** Goes to an address made by `href`; with `replace` the way back does not lead here again. */
export function go(address: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') location.hash = address;
  else {
    history.replaceState(null, '', address);
    dispatchEvent(new HashChangeEvent('hashchange'));
  }
}

/** The place of now; the component is drawn again when it changes. */
export function usePlace(): Place {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return placeOf(hash);
}
