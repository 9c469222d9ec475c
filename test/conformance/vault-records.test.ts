import { testDatabases } from '../postgres.ts';
import { startRecords } from './fax-records-backend.ts';
import { vaultRecordsConformance } from './vault-records.ts';

for (const database of await testDatabases()) {
  vaultRecordsConformance(database.name, () => startRecords(database));
}
