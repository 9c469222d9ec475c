import { useLoad } from './session.tsx';

/** Names of accounts by their ids, as far as this administrator may see them; the id itself until it is known. */
export function useAccountNames(): (id: string | null) => string {
  const { value } = useLoad((admin) => admin.accounts(), []);
  return (id) => (id === null ? '–' : (value?.find((account) => account.id === id)?.name ?? id));
}
