import { makeSetting } from '../unit/vault/setting.ts';
import { imageVaultConformance } from './image-vault.ts';

imageVaultConformance('files, rows in memory', async () => {
  const setting = await makeSetting();
  return {
    vault: setting.vault,
    records: setting.records,
    accept: async (fax) => setting.records.setLive(fax),
    publicSpki: setting.key.publicSpki,
    end: setting.end,
  };
});
