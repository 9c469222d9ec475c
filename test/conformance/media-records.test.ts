import { testDatabases } from '../postgres.ts';
import { startRecords } from './fax-records-backend.ts';
import { mediaRecordsConformance } from './media-records.ts';

for (const database of await testDatabases()) {
  mediaRecordsConformance(database.name, () => startRecords(database));
}
