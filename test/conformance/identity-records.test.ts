import { testDatabases } from '../postgres.ts';
import { startRecords } from './fax-records-backend.ts';
import { identityRecordsConformance } from './identity-records.ts';

for (const database of await testDatabases()) {
  identityRecordsConformance(database.name, () => startRecords(database));
}
